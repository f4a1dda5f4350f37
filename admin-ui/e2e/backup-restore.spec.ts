// @module-tag full
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, countInput, startStage, TOKENS, User, violations, withAdmin } from './harness';

/** What a server answers by a host that no name server knows. `fetch` does not send another one than that of the address. */
async function requestHost(
  host: string,
  base: string,
  path: string,
  body?: object,
): Promise<{ status: number; data: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const headers = { Host: host, ...(body && { 'Content-Type': 'application/json' }) };
    const asked = request(new URL(path, base), { method: body ? 'POST' : 'GET', headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => {
        const json = (text === '' ? {} : JSON.parse(text)) as { data?: Record<string, unknown> };
        resolve({ status: answer.statusCode ?? 0, data: json.data ?? {} });
      });
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}

describe('restoring a backup beside the live site', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  test('takes at most five clicks from home to the restored site', async () => {
    const visitor = await stage.admin('/settings/backups');
    const { page } = visitor;
    await page.getByText('No backups yet').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('Backup taken and verified').waitFor();
    await page.getByText('Verified', { exact: true }).waitFor();
    expect(await allViolations(page)).toEqual([]);

    await visitor.open('/');
    const user = new User(page, 'mouse');
    const end = await countInput(page);
    await user.use(page.getByRole('navigation').getByRole('link', { name: 'Settings', exact: true }).first());
    await user.use(page.getByRole('link', { name: /^Backups/ }).first());
    await page.getByText('Verified', { exact: true }).waitFor();
    await user.use(page.getByRole('button', { name: /^Restore beside the live site/ }));
    const dialog = page.getByRole('dialog');
    const tenant = await dialog.getByLabel('Name of the restored site').inputValue();
    const host = await dialog.getByLabel('Host name').inputValue();
    expect(tenant).toMatch(/^restored-\d{8}$/);
    expect(host).toBe(`${tenant}.localhost`);
    await visitor.still();
    expect(await violations(page)).toEqual([]);
    await user.use(dialog.getByRole('button', { name: 'Restore', exact: true }));

    const link = page.getByRole('link', { name: 'Open the restored site' });
    await link.waitFor();
    const { port } = new URL(stage.server.base);
    expect(await link.getAttribute('href')).toBe(`http://${host}:${port}/admin`);
    // The last click is the one on this link.
    const input = await end();
    console.info(`restore a backup beside the live site: ${input.clicks + 1} clicks`);
    expect(input.clicks + 1).toBeLessThanOrEqual(5);
    expect(input.loads).toBe(0);
    expect(await violations(page)).toEqual([]);

    const { base } = stage.server;
    expect(await requestHost(`${host}:${port}`, base, '/admin/api/session')).toMatchObject({
      status: 200,
      data: { tenant: { name: tenant } },
    });
    const restored = await requestHost(`${host}:${port}`, base, '/admin/api/login', {
      email: ADMIN.email,
      password: ADMIN.password,
    });
    expect(restored.status, 'the people of the backup are there').toBe(200);
    const live = await page.request.get('/admin/api/session');
    expect(((await live.json()) as { data: object }).data).toMatchObject({ tenant: { name: 'default' } });
  });

  test('refuses an invalid name at its field; a backup can be deleted', async () => {
    const { page } = await stage.as(ADMIN, '/settings/backups');
    await page.getByRole('button', { name: /^Restore beside the live site/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name of the restored site').fill('Not this');
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.getByText('Start with a lowercase letter').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: /^More for the backup of/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No backups yet').waitFor();
  });
});
