// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, startStage, allViolations, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

describe('releases and calendar', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(),
  });

  async function write(title: string, more: object): Promise<void> {
    const answer = await fetch(`${stage.server.base}/admin/api/content/api::news.news`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ data: { title, body: title, topic: 'people', ...more } }),
    });
    expect(answer.status).toBe(201);
  }

  test('a release lists its problems, is published once they are fixed, and is rolled back', async () => {
    await write('Ready', { slug: 'ready' });
    await write('Lacking', {});
    const { page } = await stage.admin('/content/api::news.news');
    await page.getByRole('link', { name: 'Lacking' }).waitFor();
    await page.getByRole('grid', { name: 'News' }).focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Add to release' }).click();
    await page.getByLabel('Name of the new release').fill('Spring');
    await page.getByRole('button', { name: 'Add 2' }).click();
    await page.getByText('2 entries added to the release.').first().waitFor();

    await page.goto('/admin/releases');
    await page.getByRole('link', { name: 'Spring' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Spring' }).click();
    await page.getByText('1 entry is not ready').waitFor();
    const lacking = page.getByRole('row').filter({ hasText: 'Lacking' });
    await lacking.getByRole('link', { name: 'Slug' }).waitFor();
    await lacking.getByText('Required to publish.').waitFor();
    expect(await page.getByRole('button', { name: 'Publish now' }).isDisabled()).toBe(true);
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Remove Lacking from the release' }).click();
    await page.getByText('Ready to publish').waitFor();
    await page.getByRole('button', { name: 'Publish now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await page.getByText('Released', { exact: true }).waitFor();
    await page.getByRole('row').filter({ hasText: 'Ready' }).getByText('Published').waitFor();
    await page.getByRole('button', { name: 'Roll back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).click();
    await page.getByText('Rolled back', { exact: true }).waitFor();
  });

  test('a schedule is checked before it is made, with a link to what is missing, in Dutch', async () => {
    const { page } = await stage.admin('/content/api::news.news', { locale: 'nl-NL' });
    await page.getByRole('link', { name: 'Lacking' }).click();
    await page.getByRole('heading', { name: 'Lacking', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Publicatieopties' }).click();
    await page.getByRole('menuitem', { name: 'Inplannen…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Inplannen' });
    await dialog.getByText('Zoals het nu is, zou het mislukken').waitFor();
    await dialog.getByText('Verplicht om te publiceren.').waitFor();
    await dialog.getByRole('button', { name: 'Toch inplannen' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('link', { name: 'Slug' }).click();
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id ?? '')).toContain('slug');
  });

  test('a schedule suggests times, and says what is missing until one is chosen', async () => {
    await write('Planned', { slug: 'planned' });
    const { page } = await stage.admin('/content/api::news.news');
    await page.getByRole('link', { name: 'Planned' }).click();
    await page.getByRole('button', { name: 'Publishing options' }).click();
    await page.getByRole('menuitem', { name: 'Schedule…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Schedule' });
    const plan = dialog.getByRole('button', { name: 'Schedule', exact: true });
    await dialog.getByText('Choose a date and time').waitFor();
    expect(await plan.isDisabled()).toBe(true);
    expect(await allViolations(page)).toEqual([]);
    await dialog.getByRole('button', { name: /^Tomorrow 09:00$/ }).click();
    expect(await dialog.getByLabel('Date and time').inputValue()).toMatch(/T09:00$/);
    await plan.click();
    await dialog.waitFor({ state: 'detached' });
  });

  test('a planned entry is moved to another day and back', async () => {
    const { page } = await stage.admin('/calendar');
    await page.getByRole('button', { name: 'Plan something' }).click();
    await page.getByLabel('What').fill('Video update');
    await page.getByRole('button', { name: 'Plan', exact: true }).click();
    const item = page.locator('[data-day]').filter({ hasText: 'Video update' });
    await item.waitFor();
    const first = await item.getAttribute('data-day');
    const to = first?.endsWith('-15') ? `${first.slice(0, 8)}16` : `${first?.slice(0, 8)}15`;
    await page.getByRole('button', { name: 'Move Video update to another day' }).click();
    await page.getByLabel('To', { exact: true }).fill(to);
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page.locator(`[data-day="${to}"]`).filter({ hasText: 'Video update' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Move it back' }).click();
    await page.locator(`[data-day="${first}"]`).filter({ hasText: 'Video update' }).waitFor();
  });

  test('documents of plugins are on their days, and each kind is switched off and on', async () => {
    const visitor = await stage.admin('/plugins');
    const { page } = visitor;
    await installPlugin(visitor, 'bookings', 'examples/plugins');
    // Early: a day of the month shows its first entries, and what was published today is among them.
    const early = new Date();
    early.setHours(1, 0, 0, 0);
    const plan = async (title: string): Promise<void> => {
      const answer = await fetch(`${stage.server.base}/admin/api/content/plugin::bookings.event`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ data: { title, startsAt: early.toISOString(), places: 10 } }),
      });
      expect(answer.status).toBe(201);
    };
    await plan('Tour of the yard');
    await page.goto('/admin/calendar');
    const tour = page.locator('[data-day]').getByRole('link', { name: 'Tour of the yard' });
    await tour.waitFor();
    expect(await allViolations(page)).toEqual([]);
    // What somebody else plans meanwhile comes by itself.
    await plan('Tour of the tower');
    await page.locator('[data-day]').getByRole('link', { name: 'Tour of the tower' }).waitFor();
    const legend = page.getByRole('group', { name: 'Plugin entries' });
    await legend.getByText('Events').click();
    await tour.waitFor({ state: 'detached' });
    await page.reload();
    await legend.getByText('Events').waitFor();
    expect(await legend.getByRole('checkbox', { name: 'Events' }).isChecked()).toBe(false);
    expect(await tour.count()).toBe(0);
    await legend.getByText('Events').click();
    await tour.click();
    await page.getByRole('heading', { name: 'Tour of the yard', level: 1 }).waitFor();
  });

  test('an empty inbox explains what it is for', async () => {
    const { page } = await stage.admin('/inbox');
    await page.getByRole('heading', { name: 'Your inbox is empty' }).waitFor();
    await page.getByRole('tab', { name: 'Waiting for my approval' }).click();
    await page.getByRole('heading', { name: 'Nothing is waiting for your approval' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
  });
});
