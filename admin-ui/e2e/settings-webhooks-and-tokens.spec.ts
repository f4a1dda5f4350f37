// @module-tag full
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStage, withAdmin } from './harness';

describe('connecting another system', () => {
  const stage = startStage({ settings: withAdmin() });
  const taken: string[] = [];
  let receiver: Server;

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      taken.push(String(request.headers['x-strapi-event']));
      request.resume();
      response.writeHead(200).end('{}');
    });
    await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  });

  afterAll(() => {
    receiver.close();
  });

  test('a webhook is created; a private address is refused and the attempt is logged', async () => {
    const { page } = await stage.admin('/settings/webhooks');
    await page.getByRole('link', { name: 'New webhook' }).click();
    await page.getByLabel('Name').fill('shop');
    await page.getByLabel('Address').fill(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`);
    await page.getByRole('button', { name: 'Create webhook' }).click();
    await page.getByText('Copy the secret now').waitFor();
    expect(await page.locator('code').first().textContent()).toMatch(/^whsec_/);
    await page.getByRole('link', { name: 'Open webhook' }).click();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/^Failed after/).waitFor();
    // Nobody said that this address is the installation's own: nothing was sent there.
    expect(taken).toEqual([]);
    await page.getByRole('tab', { name: 'Deliveries' }).click();
    await page.getByText('trigger-test').waitFor();
    expect(await page.getByText(/whsec_/).count()).toBe(0);
  });

  test('an API token is shown once', async () => {
    const { page } = await stage.admin('/settings/api-tokens');
    await page.getByRole('link', { name: 'New token' }).click();
    await page.getByLabel('Name').fill('website');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByText('Copy the token now').waitFor();
    const text = (await page.locator('code').first().textContent()) ?? '';
    const answer = await fetch(`${stage.server.base}/api/upload/files`, {
      headers: { Authorization: `Bearer ${text}` },
    });
    expect(answer.status).toBe(200);
    await page.getByRole('button', { name: 'I’ve copied it' }).click();
    await page.getByText('Last used').waitFor();
    await page.reload();
    await page.getByText('Last used').waitFor();
    expect(await page.content()).not.toContain(text);
  });

  test('an admin token is created with chosen permissions, shown once and revoked', async () => {
    const { page } = await stage.admin('/settings/api-tokens');
    const section = page.getByRole('region', { name: 'Admin tokens' });
    await section.getByRole('link', { name: 'New admin token' }).click();
    await page.getByLabel('Name').fill('deployment');
    // What gives rights to others is for people.
    await page.getByLabel('See the audit log').check();
    expect(await page.getByLabel('Invite, change and remove people').count()).toBe(0);
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.getByText('Copy the token now').waitFor();
    const text = (await page.locator('code').first().textContent()) ?? '';
    expect(text).toMatch(/^cairn_adt_[0-9a-f]{64}$/);
    const ask = async (path: string): Promise<number> =>
      (await fetch(`${stage.server.base}/admin/api${path}`, { headers: { Authorization: `Bearer ${text}` } })).status;
    expect([await ask('/audit'), await ask('/jobs'), await ask('/admin-tokens')]).toEqual([200, 403, 403]);
    await page.getByRole('button', { name: 'I’ve copied it' }).click();
    await page.getByText('anna@example.com').first().waitFor();
    await page.reload();
    await page.getByText('anna@example.com').first().waitFor();
    expect(await page.content()).not.toContain(text);
    await page.getByRole('button', { name: 'Remove token' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('deployment');
    await dialog.getByRole('button', { name: 'Remove token' }).click();
    await page.getByRole('heading', { level: 1, name: 'API tokens' }).waitFor();
    expect(await page.getByRole('link', { name: 'deployment' }).count()).toBe(0);
    expect(await ask('/audit')).toBe(401);
  });
});
