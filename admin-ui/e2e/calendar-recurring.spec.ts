// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, allViolations, withAdmin } from './harness';

describe('recurring calendar entries', () => {
  const stage = startStage({ settings: withAdmin(), contentTypes: 'content-types' });

  test('a weekly rule on two days shows the next dates and allows one exception', async () => {
    const { page } = await stage.admin('/calendar');
    await page.getByRole('link', { name: 'Recurring slots' }).click();
    await page.getByText('No recurring slots yet').waitFor();
    await page.getByRole('link', { name: 'New recurring slot' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('Enter what you’re going to make.').waitFor();
    await page.getByRole('textbox', { name: 'What' }).fill('Newsletter');
    await page.getByLabel('First day').fill('2031-01-01');
    for (const day of ['Tuesday', 'Thursday']) {
      await page.getByRole('checkbox', { name: day }).check();
    }
    for (const day of ['Monday', 'Wednesday', 'Friday', 'Saturday', 'Sunday'])
      await page.getByRole('checkbox', { name: day }).uncheck();
    await page.getByText('Every week, on Tuesday and Thursday').waitFor();
    // The first of January 2031 is a Wednesday.
    await page.getByText(/2 Jan 2031, 10:00/).waitFor();
    await page.getByText(/7 Jan 2031, 10:00/).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByLabel('Last day').fill('2030-01-01');
    await page.getByText('until must not be before start').waitFor();
    await page.getByLabel('Last day').fill('');
    // Near enough to stand in the calendar of the months to come.
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await page.getByLabel('First day').fill(tomorrow);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByRole('heading', { name: 'Newsletter', level: 1 }).waitFor();
    const upcoming = page.getByRole('region', { name: 'Next dates' }).first();
    await upcoming
      .getByRole('button', { name: /^Cancel this one/ })
      .first()
      .click();
    await page
      .getByText(/is cancelled\./)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await upcoming.getByText('(changed)').waitFor();
    await upcoming.getByRole('button', { name: /^Edit/ }).nth(1).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'What' }).fill('Newsletter for Christmas');
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await upcoming.getByText('Newsletter for Christmas').waitFor();
    await page.getByRole('button', { name: 'Remove this recurring slot' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No recurring slots yet').waitFor();
  });

  test('the pages work on a phone, in Dutch', async () => {
    const visitor = await stage.admin('/calendar', { locale: 'nl-NL', viewport: { width: 320, height: 740 } });
    for (const path of ['/calendar', '/calendar/rules', '/calendar/rules/new']) {
      await visitor.open(path);
      expect(await allViolations(visitor.page), path).toEqual([]);
      expect(await visitor.scrollsSideways(), path).toBe(false);
    }
  });
});
