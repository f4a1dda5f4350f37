// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, allViolations, withAdmin } from './harness';

const TOKEN = 'a'.repeat(40);

describe('server health', () => {
  const stage = startStage({
    settings: withAdmin({ apiTokens: [{ name: 'site', type: 'full-access', token: TOKEN }] }),
  });

  test('the page shows health and can be paused; the menu leaves out what the server does not report', async () => {
    const { page } = await stage.admin('/settings');
    const answer = await page.request.get('/admin/api/health');
    if (answer.status() === 200) {
      await page
        .getByRole('link', { name: /^System health/ })
        .first()
        .click();
      await page.getByRole('heading', { name: 'Database' }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByText(/^Paused/).waitFor();
      await page.getByRole('button', { name: 'Resume' }).waitFor();
    } else {
      await page
        .getByRole('link', { name: /^Audit/ })
        .first()
        .waitFor();
      expect(await page.getByRole('link', { name: /^System health/ }).count()).toBe(0);
      await page.goto('/admin/settings/health');
      await page.getByText('System health is not available').waitFor();
    }
    expect(await allViolations(page)).toEqual([]);
  });

  test('the pages about tenants and plugins work on a phone, in Dutch', async () => {
    const visitor = await stage.admin('/plugins', { locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    await visitor.page.getByRole('link', { name: 'Webhooks' }).waitFor();
    for (const path of ['/plugins', '/settings/tenants', '/settings/health', '/']) {
      await visitor.open(path);
      expect(await allViolations(visitor.page), path).toEqual([]);
      expect(await visitor.scrollsSideways(), path).toBe(false);
    }
  });
});
