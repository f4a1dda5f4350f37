// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, png, startStage, TOKENS, allViolations, withAdmin } from './harness';

interface FileRights {
  data: {
    status: string;
    settings: { embargoUntil: { local: string } | null };
    rights: { end: string }[];
    consents: { withdrawnAt: string | null }[];
  };
}

describe('licences, consents and embargoes of files', () => {
  const stage = startStage({ settings: withAdmin(TOKENS), contentTypes: 'content-types' });
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' };
  const ask = async <Body>(path: string, init: RequestInit = {}): Promise<Body> =>
    (await (await fetch(`${stage.server.base}/admin/api/assets${path}`, { headers, ...init })).json()) as Body;

  test('selected files are dragged onto a folder, and the move is undone', async () => {
    await ask('/folders', { method: 'POST', body: JSON.stringify({ name: 'Press', parent: 0 }) });
    for (const [at, name] of ['desk', 'city', 'field'].entries()) await stage.api.upload(`${name}.png`, png(40 + at));
    const visitor = await stage.admin('/media');
    const { page } = visitor;
    const files = page.getByRole('list', { name: 'Files' });
    await files.getByRole('link', { name: /^city\.png/ }).waitFor();
    // What is dragged must not move away meanwhile.
    await visitor.quiet();
    await page.getByRole('checkbox', { name: 'Select city.png' }).click();
    await page.getByRole('checkbox', { name: 'Select field.png' }).click();
    const folder = page.getByRole('navigation', { name: 'Folders' }).getByRole('link', { name: /^Press/ });
    await files.getByRole('listitem').filter({ hasText: 'city.png' }).dragTo(folder);
    await page.getByText('2 files moved').first().waitFor();
    await folder.getByText('2').waitFor();
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await folder.getByText('0').waitFor();
    // One that is not selected goes alone.
    await visitor.quiet();
    await files.getByRole('listitem').filter({ hasText: 'desk.png' }).dragTo(folder);
    await folder.getByText('1').waitFor();
  });

  test('a licence is changed, a consent withdrawn and an embargo set', async () => {
    const { data } = await ask<{ data: { documentId: string }[] }>('?search=desk');
    const id = data[0]?.documentId ?? '';
    const make = (path: string, body: object): Promise<unknown> =>
      ask(path, { method: 'POST', body: JSON.stringify({ ...body, assets: [id] }) });
    await make('/rights', {
      holder: 'Press office',
      end: '2031-01-31',
      zone: 'Europe/Amsterdam',
      cost: '12.50',
      currency: 'EUR',
    });
    await make('/consents', { person: 'Eva', givenAt: '2026-01-01' });
    const rights = async (): Promise<FileRights['data']> => (await ask<FileRights>(`/${id}/rights`)).data;
    const { page } = await stage.admin(`/media?file=${id}`);
    await page.getByRole('button', { name: 'Edit: Press office' }).click();
    const licence = page.getByRole('dialog', { name: 'Edit the licence' });
    await licence.getByText('It applies to one file').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await licence.getByLabel('Last day').fill('2032-06-30');
    await licence.getByRole('button', { name: 'Save' }).click();
    await licence.waitFor({ state: 'detached' });
    expect((await rights()).rights[0]).toMatchObject({ end: '2032-06-30', cost: '12.50', currency: 'EUR' });

    await page.getByLabel('Embargo until').fill('2031-03-01');
    await page.getByRole('button', { name: 'Save rights' }).click();
    await page.getByText('Not yet').waitFor();
    expect((await rights()).settings.embargoUntil?.local).toBe('2031-03-01');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'No embargo' }).click();
    await page.getByRole('button', { name: 'Save rights' }).click();
    await page.getByText('May be used').waitFor();

    await page.getByRole('button', { name: 'Withdraw: Eva' }).click();
    const dialog = page.getByRole('dialog', { name: 'Withdraw the consent of Eva?' });
    await dialog.getByText('1 file that shows this person').waitFor();
    await dialog.getByLabel('Type Eva to confirm').fill('Eva');
    await dialog.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Not allowed').waitFor();
    expect((await rights()).consents[0]?.withdrawnAt).not.toBeNull();
  });

  test('the policy for files without a licence is set by file type and folder', async () => {
    const { page } = await stage.admin('/settings/media-rights');
    await page.getByRole('radio', { name: 'Get a warning' }).check();
    await page.getByRole('combobox', { name: 'Video' }).click();
    await page.getByRole('option', { name: 'Can’t be published' }).click();
    await page.getByRole('combobox', { name: 'Folder' }).click();
    await page.getByRole('option', { name: 'Press' }).click();
    await page.getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    expect(await ask('/policy')).toMatchObject({
      data: { unknown: 'warn', kinds: { video: 'block' }, folders: { '1': 'block' } },
    });
    await page.getByRole('button', { name: 'Remove the rule of Press' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Not saved yet').waitFor({ state: 'detached' });
    expect(await ask('/policy')).toMatchObject({ data: { folders: {} } });
  });

  test('the pages work on a phone, in Dutch', async () => {
    const { data } = await ask<{ data: { documentId: string }[] }>('?search=desk');
    const visitor = await stage.admin('/media', { locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    for (const path of ['/settings/media-rights', '/media/rights', `/media?file=${data[0]?.documentId}`]) {
      await visitor.open(path);
      expect(await allViolations(visitor.page), path).toEqual([]);
      expect(await visitor.scrollsSideways(), path).toBe(false);
    }
  });
});
