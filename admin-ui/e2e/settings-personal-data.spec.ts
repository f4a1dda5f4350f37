// @module-tag full
import type { Locator } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startStage, TOKENS, violations, withAdmin } from './harness';

const PHONE = { width: 390, height: 844 };

describe('personal data', () => {
  const stage = startStage({ settings: withAdmin(TOKENS) });

  beforeAll(async () => {
    const { data } = await stage.api.ask<{ roles: { id: number; type: string }[] }>(
      'GET',
      '/api/users-permissions/roles',
    );
    const role = data.roles.find(({ type }) => type === 'authenticated')?.id;
    const ann = { username: 'ann', email: 'ann@example.com', password: 'a password of some length', role };
    const added = await stage.api.ask('POST', '/api/users', ann);
    expect(added.status, JSON.stringify(added.data)).toBe(201);
  });

  test('names of sources follow the language of the browser until a language is chosen', async () => {
    const { page } = await stage.admin('/settings/personal-data', { locale: 'nl-NL' });
    await page.getByLabel('E-mailadres').fill('ann@example.com');
    await page.getByRole('button', { name: 'Opzoeken' }).click();
    await page.getByText('Gebruikersaccount (1)').waitFor();
    await page.getByRole('rowheader', { name: 'Items', exact: true }).waitFor();
  });

  test('what is stored about somebody is shown, downloaded and erased', async () => {
    const { page } = await stage.admin('/settings/personal-data', { viewport: PHONE });
    await page.getByLabel('E-mail address').fill('not an address');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByText('This is not a valid e-mail address').waitFor();
    await page.getByLabel('E-mail address').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByText('Nothing is stored for this address.').waitFor();

    await page.getByLabel('E-mail address').fill('Ann@Example.com');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('heading', { name: 'ann@example.com' }).waitFor();
    await page.getByText('User account (1)').waitFor();
    expect(await rightEdge(page.getByText('Complete', { exact: true }).first())).toBeLessThanOrEqual(PHONE.width);
    expect(await violations(page)).toEqual([]);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download the archive' }).click();
    expect((await download).suggestedFilename()).toMatch(/^person-\d{4}-\d\d-\d\d\.tar\.gz$/);

    await page.getByRole('button', { name: 'Erase', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('ann');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await dialog
      .getByText(/ann@example.com/)
      .first()
      .waitFor();
    await dialog.getByRole('textbox').fill('ann@example.com');
    await dialog.getByRole('button', { name: 'Erase', exact: true }).click();
    await page.getByText('Everything that may be erased has been erased.').waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });
});

/** Where something ends, from the left edge of the window. */
async function rightEdge(locator: Locator): Promise<number> {
  const box = await locator.boundingBox();
  if (!box) throw new Error('it is not on the page');
  return box.x + box.width;
}
