// @module-tag journey
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

const ITEM = '/content/plugin::journey.item';

interface Journey {
  phase: { key: string };
  content: { title: string }[];
}

describe('a car on its way, from the order to the next phase', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });
  /** What the customer sees. */
  let journeys: () => Promise<Journey[]>;

  beforeAll(async () => {
    await installPlugin(await stage.admin('/plugins'), 'journey', 'plugins');
    const roles = await stage.api.ask<{ roles: { id: number; type: string }[] }>('GET', '/api/users-permissions/roles');
    const role = roles.data.roles.find(({ type }) => type === 'authenticated')?.id;
    const anna = { username: 'anna', email: 'anna@example.com', password: 'Passw0rd!' };
    await stage.api.ask('POST', '/api/users', { ...anna, role, confirmed: true, emailVerified: true });
    const signedIn = await stage.api.ask<{ jwt: string }>('POST', '/api/auth/local', {
      identifier: anna.username,
      password: anna.password,
    });
    journeys = async () => {
      const headers = { Authorization: `Bearer ${signedIn.data.jwt}` };
      return (await stage.api.ask<Journey[]>('GET', '/api/journey/me', undefined, headers)).data;
    };
    const phases = await stage.api.admin<{ documentId: string; key: string }[]>(
      'GET',
      '/content/plugin::journey.phase?pagination[pageSize]=20',
    );
    for (const [key, title] of [
      ['orderbevestiging', 'Welkom bij Donkervoort'],
      ['design-engineering', 'Je ontwerper stelt zich voor'],
    ] as const) {
      const phase = phases.find((one) => one.key === key)?.documentId;
      const made = await stage.api.admin<{ documentId: string }>('POST', ITEM, {
        data: { title, body: 'Bekijk de film.', kind: 'video', phases: { set: [phase] } },
      });
      await stage.api.admin('POST', `${ITEM}/${made.documentId}/actions/publish`, {});
    }
  });

  test('the manager starts a journey on the phase map', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/journey/pages/map');
    const { page } = visitor;
    // Nobody has the roles of the phases' owners here.
    await page.getByText(/^Nobody hears what goes wrong in Order confirmation/).waitFor();
    await page.getByRole('button', { name: 'Start a journey' }).click();
    const dialog = page.getByRole('dialog');
    // Empty fields are named together.
    await dialog.getByRole('button', { name: 'Start a journey' }).click();
    await expect.poll(() => dialog.locator('[aria-invalid="true"]').count()).toBeGreaterThan(1);
    const customer = dialog.getByRole('combobox', { name: 'Customer' });
    await customer.click();
    await page.getByRole('option', { name: 'anna (anna@example.com)' }).click();
    await dialog.getByRole('textbox', { name: 'Name in mails' }).fill('Anna de Vries');
    await dialog.getByRole('textbox', { name: 'Vehicle' }).fill('F22 – Anna');
    await visitor.picture('journey-start');
    await dialog.getByRole('button', { name: 'Start a journey' }).click();
    await page.getByRole('heading', { name: 'F22 – Anna' }).waitFor();
    await visitor.picture('journey-inspector');
    expect(await allViolations(page)).toEqual([]);
    expect((await journeys()).map(({ phase, content }) => [phase.key, content.map(({ title }) => title)])).toEqual([
      ['orderbevestiging', ['Welkom bij Donkervoort']],
    ]);
  });

  test('a move asks for a reason, and the customer sees the next phase', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/journey/pages/map');
    const { page } = visitor;
    await page.getByText('F22 – Anna').first().waitFor();
    await page.getByText(/^Times in Europe\/Amsterdam/).waitFor();
    await visitor.picture('journey-map');
    expect(await allViolations(page)).toEqual([]);
    await page
      .getByRole('button', { name: /^Actions/ })
      .first()
      .click();
    await page.getByRole('menuitem', { name: 'Move to another phase' }).click();
    const dialog = page.getByRole('dialog');
    const choice = dialog.getByRole('combobox', { name: 'Phase' });
    await choice.click();
    await page.getByRole('option', { name: 'Design & Engineering' }).click();
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('The contract is signed');
    await visitor.picture('journey-move');
    await dialog.getByRole('button', { name: 'Move to another phase' }).click();
    await page.getByText('The journey has been moved').first().waitFor();
    expect((await journeys()).map(({ phase, content }) => [phase.key, content.length])).toEqual([
      ['design-engineering', 2],
    ]);
  });

  test('a shift is previewed before it is stored, and the plan says what is due', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/journey/pages/journey');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Shift the plan' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'By how much' }).fill('P30D');
    await dialog.getByRole('button', { name: 'Shift the plan' }).click();
    await page.getByText('Nothing has been stored yet').first().waitFor();
    await visitor.picture('journey-shift');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Shift as shown' }).click();
    await dialog.getByRole('button', { name: 'Shift as shown' }).click();
    await page.getByText('The plan has been shifted').first().waitFor();
    await visitor.goOn('/plugins/journey/pages/plan');
    await page
      .getByRole('row', { name: /3D-modelviewer/ })
      .first()
      .waitFor();
    await visitor.picture('journey-plan');
    expect(await allViolations(page)).toEqual([]);
  });

  test('a button makes the next revision of a definition', async () => {
    const visitor = await stage.as(ADMIN, '/plugins/journey/pages/definitions');
    const { page } = visitor;
    await page.getByRole('button', { name: 'Next revision' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Next revision' }).click();
    await page.getByText('The next revision has been made, as a draft').first().waitFor();
    await page.getByRole('button', { name: 'Move journeys to a revision' }).waitFor();
    await visitor.picture('journey-definitions');
    expect(await allViolations(page)).toEqual([]);
  });
});
