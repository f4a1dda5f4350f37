// @module-tag postgresql
import { describe, expect, test } from 'vitest';
import { startStage, allViolations, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

describe('installing a plugin', () => {
  const stage = startStage({ settings: withAdmin() });

  test('its permissions are shown before installation; it can be inspected and removed', async () => {
    const visitor = await stage.admin('/plugins');
    const { page } = visitor;
    await installPlugin(visitor, 'bookings', 'examples/plugins', {
      look: async () => {
        await visitor.picture('plugin-consent');
        expect(await allViolations(page)).toEqual([]);
      },
    });
    await page
      .getByRole('tab')
      .first()
      .waitFor()
      .catch(() => undefined);
    await visitor.picture('plugin-installed');
    for (const tab of ['Overview', 'Permissions', 'Settings', 'Health', 'Log', 'Failed calls']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').waitFor();
      await visitor.quiet();
      // What a tab is drawn with may be on its way still.
      await page.getByRole('heading', { level: 1 }).waitFor();
      await visitor.picture(`plugin-${tab}`);
      expect(await allViolations(page), tab).toEqual([]);
    }
    const current = page.locator('nav [aria-current="page"]');
    expect(await current.allInnerTexts()).toEqual(['Plugins']);
    // A page of the plugin has a line of its own.
    await visitor.goOn('/plugins/bookings/pages/board');
    expect(await current.allInnerTexts()).toEqual(['Bookings']);
  });
});
