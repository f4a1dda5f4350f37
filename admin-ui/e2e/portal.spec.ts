// @module-tag portal
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

interface Dashboard {
  vehicles: { title: string; steps: { key: string; status: string }[] }[];
  actions: { kind: string; title: string }[];
}

describe('a vehicle, from its order to what its customer sees', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });
  let vehicle: string;
  /** What the customer sees. */
  let dashboard: () => Promise<Dashboard>;

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'portal', 'plugins');
    const roles = await stage.api.ask<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
    const role = roles.data.roles.find(({ type }) => type === 'authenticated')?.id;
    const anna = { username: 'anna', email: 'anna@example.com', password: 'Passw0rd!' };
    await stage.api.ask('POST', '/api/users', { ...anna, role, confirmed: true, emailVerified: true });
    const signedIn = await stage.api.ask<{ jwt: string }>('POST', '/api/auth/local', {
      identifier: anna.username,
      password: anna.password,
    });
    dashboard = async () => {
      const headers = { Authorization: `Bearer ${signedIn.data.jwt}` };
      return (await stage.api.ask<Dashboard>('GET', '/api/portal/me', undefined, headers)).data;
    };
    const order = await stage.api.ask<{ vehicle: string }>('POST', '/api/portal/orders', {
      orderNo: 'F22-0131',
      title: 'F22 – Anna',
      model: 'F22',
      vin: 'XL9F22AA0T0000131',
      amount: 292_500,
      owner: { name: 'Anna de Vries', email: 'anna@example.com' },
    });
    vehicle = order.data.vehicle;
    await stage.api.ask('POST', '/api/portal/orders', {
      orderNo: 'F22-0132',
      owner: { name: 'Bo Bakker', email: 'bo@example.com' },
    });
    const parts: [string, object][] = [
      ['payment', { title: 'Deposit', amount: 29_250, dueOn: '2020-01-01' }],
      [
        'choice',
        { title: 'Leather', options: ['Cognac', 'Black'], option: 'Cognac', deadline: '2099-01-01T12:00:00Z' },
      ],
    ];
    for (const [kind, data] of parts) {
      await stage.api.admin('POST', `/content/plugin::portal.${kind}`, { data: { ...data, vehicle: [vehicle] } });
    }
    await stage.api.ask('POST', '/api/portal/steps', {
      id: '1',
      orderNo: 'F22-0131',
      step: 'engineering',
      state: 'done',
    });
  });

  test('the board and the tasks show what there is', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/portal/pages/board');
    const { page } = visitor;
    await page.getByText('F22 – Anna').first().waitFor();
    await visitor.picture('portal-board');
    expect(await allViolations(page)).toEqual([]);
    await visitor.goOn('/plugins/portal/pages/tasks');
    await page.getByText('Reports that are held').waitFor();
    await page.getByText('Deposit').waitFor();
    // Whoever owns the other vehicle has no account yet.
    await page.getByText('Bo Bakker').waitFor();
    expect(await page.getByText('refers to something that doesn’t exist').count()).toBe(0);
    await visitor.picture('portal-tasks');
    expect(await allViolations(page)).toEqual([]);
  });

  test('a step is noted on the page of the vehicle, and the customer sees it', async () => {
    const visitor = await stage.as(ADMIN, `/content/plugin::portal.vehicle/${vehicle}`);
    const { page } = visitor;
    await page.getByRole('heading', { name: 'F22 – Anna' }).waitFor();
    await visitor.picture('portal-vehicle');
    expect(await allViolations(page)).toEqual([]);
    // The report that was held waits for the end of the first step.
    for (const name of ['Design has begun', 'Design is done']) {
      await page.getByRole('button', { name }).click();
      await page.getByRole('dialog').getByRole('button', { name }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
    }
    await page.getByRole('button', { name: 'Production has begun' }).waitFor();
    await visitor.picture('portal-vehicle-steps');
    const { vehicles, actions } = await dashboard();
    expect(vehicles.map(({ steps }) => steps.map(({ status }) => status))).toEqual([
      ['done', 'done', 'todo', 'todo', 'todo'],
    ]);
    expect(actions.map(({ kind }) => kind).toSorted()).toEqual(['choose', 'pay', 'rate', 'rate']);
  });
});
