// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, violations, withAdmin } from './harness';

describe('personal data', () => {
  const stage = startStage({ settings: withAdmin() });

  test('what is stored about somebody is shown, downloaded and erased', async () => {
    await stage.api.ask('POST', '/api/auth/local/register', {
      username: 'ann',
      email: 'ann@example.com',
      password: 'a password of some length',
    });
    const { page } = await stage.admin('/settings/personal-data', { viewport: { width: 390, height: 844 } });
    await page.getByLabel('E-mail address').fill('not an address');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByText('This is not an e-mail address').waitFor();
    await page.getByLabel('E-mail address').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByText('Nothing is stored about this address.').waitFor();

    await page.getByLabel('E-mail address').fill('Ann@Example.com');
    await page.getByRole('button', { name: 'Look up' }).click();
    await page.getByRole('heading', { name: 'ann@example.com' }).waitFor();
    await page.getByText('User account (1)').waitFor();
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
    await page.getByText('All that may be erased is erased.').waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });
});
