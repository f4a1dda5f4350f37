// @module-tag full
// @module-tag postgresql
import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, startStage, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';
const LIST = `/content/${UID}`;
const TOPICS = ['factory', 'technology', 'people', 'community', 'models'];

describe('content list', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(),
  });

  async function api(method: string, path: string, body?: unknown): Promise<{ data: never; meta: never }> {
    const answer = await fetch(`${stage.server.base}/admin/api${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${ADMIN_TOKEN}`,
        'If-Match': '*',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? { data: undefined as never, meta: undefined as never } : await answer.json();
  }

  /** Makes entries called `<word> 1` and on; answers their ids. */
  async function write(word: string, count: number, more: object = {}): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 1; n <= count; n += 1) {
      const title = `${word} ${n}`;
      const data = {
        title,
        slug: title.toLowerCase().replaceAll(' ', '-'),
        body: title,
        topic: TOPICS[n % TOPICS.length],
        ...more,
      };
      ids.push(((await api('POST', `/content/${UID}`, { data })).data as { documentId: string }).documentId);
    }
    return ids;
  }

  async function valueOf(id: string, field: string): Promise<unknown> {
    return ((await api('GET', `/content/${UID}/${id}`)).data as Record<string, unknown>)[field];
  }

  test('a filtered view is saved and available after a reload', async () => {
    await write('Filtered', 10);
    const { page } = await stage.admin(LIST);
    const grid = page.getByRole('grid', { name: 'News' });
    await grid.waitFor();
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    // More fields than the list shows at a time: the arrow keys move it.
    const fields = page.getByRole('listbox', { name: 'Field' });
    await fields.waitFor();
    expect(await allViolations(page)).toEqual([]);
    // Looking in another colour scheme has closed it.
    await page.getByRole('combobox', { name: 'Field' }).click();
    expect(await fields.evaluate((list) => list.scrollHeight > list.clientHeight)).toBe(true);
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => fields.evaluate((list) => list.scrollTop)).toBeGreaterThan(0);
    await page.getByRole('combobox', { name: 'Field' }).fill('Topic');
    await page.getByRole('option', { name: 'Topic', exact: true }).click();
    await page.getByRole('combobox', { name: 'Value' }).click();
    await page.getByRole('option', { name: 'people' }).click();
    await page.getByRole('status').filter({ hasText: '2 of ' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('menuitem', { name: 'Save as new view' }).click();
    await page.getByLabel('Name').fill('About people');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/saved=/);
    await page.reload();
    await page.getByRole('button', { name: 'Topic is people', exact: true }).waitFor();
    await page.getByRole('status').filter({ hasText: '2 of ' }).waitFor();
    // The same from the beginning, by its name.
    await page.goto(`/admin${LIST}`);
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('menuitem', { name: 'About people' }).click();
    await page.getByRole('button', { name: 'Topic is people', exact: true }).waitFor();

    // It is a tab as well, which says when the list shows something else.
    const tabs = page.getByRole('navigation', { name: 'Saved views' });
    const current = tabs.locator('[aria-current="true"]');
    await expect.poll(() => current.allTextContents()).toEqual(['About people']);
    expect(await tabs.getByText('Modified').count()).toBe(0);
    await page.getByRole('searchbox', { name: 'Search in News' }).fill('Filtered');
    await tabs.getByText('Modified').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await tabs.getByRole('button', { name: 'Reset' }).press('Enter');
    await tabs.getByText('Modified').waitFor({ state: 'detached' });
    expect(await page.getByRole('searchbox', { name: 'Search in News' }).inputValue()).toBe('');
    await page.getByRole('searchbox', { name: 'Search in News' }).fill('Filtered');
    await tabs.getByRole('button', { name: 'Save' }).press('Enter');
    await tabs.getByText('Modified').waitFor({ state: 'detached' });
    await tabs.getByRole('button', { name: 'All entries' }).press('Enter');
    await page.getByRole('button', { name: 'Topic is people', exact: true }).waitFor({ state: 'detached' });
    await expect.poll(() => current.allTextContents()).toEqual(['All entries']);
    await page.setViewportSize({ width: 390, height: 844 });
    await tabs.waitFor({ state: 'hidden' });
  });

  test('what is selected waits for the table while another view is open', async () => {
    await write('Chosen', 3);
    const { page } = await stage.admin(`${LIST}?q=Chosen`);
    await page.getByRole('status').filter({ hasText: '3 of ' }).waitFor();
    await page.getByRole('grid', { name: 'News' }).focus();
    await page.keyboard.press('Control+a');
    const bar = page.getByRole('toolbar').filter({ hasText: '3 selected' });
    await bar.getByRole('button', { name: 'Delete' }).waitFor();
    for (const view of ['Board', 'Timeline', 'Calendar']) {
      await page.getByRole('radiogroup', { name: 'View' }).getByText(view, { exact: true }).click();
      await page.getByRole('grid', { name: 'News', exact: true }).waitFor({ state: 'detached' });
      expect(await bar.count(), view).toBe(0);
    }
    await page.getByRole('radiogroup', { name: 'View' }).getByText('Table', { exact: true }).click();
    await bar.getByRole('button', { name: 'Delete' }).waitFor();
  });

  test('many entries are changed at once by keyboard, and the change is undone', async () => {
    const ids = await write('Together', 6);
    const before = await Promise.all(ids.map((id) => valueOf(id, 'topic')));
    const { page } = await stage.admin(`${LIST}?q=Together`);
    await page.getByRole('status').filter({ hasText: '6 of ' }).waitFor();
    await page.getByRole('grid', { name: 'News' }).focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('status').filter({ hasText: '6 selected' }).waitFor();
    await page.getByRole('button', { name: 'Edit a field' }).press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Edit a field of 6 entries' });
    const field = dialog.getByRole('combobox', { name: 'Field' });
    await field.fill('Topic');
    // A key that comes before the list is filtered would choose another field.
    await page.getByRole('option', { name: 'Topic', exact: true }).waitFor();
    await page.getByRole('option').nth(1).waitFor({ state: 'detached' });
    await field.press('ArrowDown');
    await page.locator('[role=option][data-combobox-selected]').waitFor();
    await field.press('Enter');
    await dialog.getByRole('combobox', { name: 'Topic' }).press('Enter');
    await page.getByRole('option', { name: 'models' }).click();
    await dialog.getByRole('button', { name: 'Change 6' }).press('Enter');
    await page.getByText('6 entries changed.').first().waitFor();
    expect(await Promise.all(ids.map((id) => valueOf(id, 'topic')))).toEqual(ids.map(() => 'models'));
    await page.getByRole('button', { name: 'Undo' }).press('Enter');
    await page.getByText('Undone').first().waitFor();
    expect(await Promise.all(ids.map((id) => valueOf(id, 'topic')))).toEqual(before);
  });

  test('the counts of publishing agree before and after', async () => {
    const [first = ''] = await write('Count', 3);
    await api('POST', `/content/${UID}/${first}/actions/publish`, {});
    const { page } = await stage.admin(`${LIST}?q=Count`);
    await page.getByRole('link', { name: 'Count 1' }).waitFor();
    await page.getByRole('grid', { name: 'News' }).focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Publish 3 entries' });
    await dialog.getByText('1 is already published as it is: it won’t change.').waitFor();
    await dialog.getByRole('button', { name: 'Publish 3' }).click();
    await page.getByText('2 entries published. 1 had no changes to publish.').first().waitFor();
  });

  test('deleted entries are restored from the list and from the trash', async () => {
    const [first = '', second = ''] = await write('Deleted', 2);
    const { page } = await stage.admin(`${LIST}?q=Deleted`);
    const row = (title: string) => page.getByRole('row').filter({ hasText: title });
    await row('Deleted 1').getByRole('button', { name: 'Actions for Deleted 1' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('1 entry moved to the trash.').first().waitFor();
    await row('Deleted 1').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('Deleted 1').waitFor();
    expect(await valueOf(first, 'title')).toBe('Deleted 1');
    await api('DELETE', `/content/${UID}/${second}`);
    await page.goto(`/admin${LIST}/bin`);
    await page.getByRole('button', { name: 'Restore' }).first().click();
    await page.getByText('Restored as a draft.').first().waitFor();
    expect(await valueOf(second, 'title')).toBe('Deleted 2');
  });

  test('a cell is edited in place', async () => {
    const [id = ''] = await write('Inline', 1);
    const { page } = await stage.admin(`${LIST}?q=Inline`);
    await page.getByRole('link', { name: 'Inline 1' }).waitFor();
    await page.getByRole('grid', { name: 'News' }).focus();
    await page.keyboard.press('F2');
    const field = page.getByRole('dialog', { name: 'Edit Title' }).getByRole('textbox');
    await field.fill('<img src=x onerror=alert(1)> Inline');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '<img src=x onerror=alert(1)> Inline' }).waitFor();
    expect(await valueOf(id, 'title')).toBe('<img src=x onerror=alert(1)> Inline');
  });

  test('a card is moved by keyboard, and a calendar entry by its menu', async () => {
    const [card = ''] = await write('Card', 1, { topic: 'factory' });
    const { page } = await stage.admin(`${LIST}?view=kanban&q=Card`);
    await page.getByRole('link', { name: 'Card 1' }).focus();
    await page.keyboard.press('Alt+ArrowRight');
    await page.getByRole('region', { name: 'technology' }).getByRole('link', { name: 'Card 1' }).waitFor();
    expect(await valueOf(card, 'topic')).toBe('technology');
    expect(await allViolations(page)).toEqual([]);

    const [dated = ''] = await write('Dated', 1, {
      publishOn: new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth(), 10, 9, 30)).toISOString(),
    });
    await page.goto(`/admin${LIST}?view=calendar&date=publishOn&q=Dated`);
    await page.getByRole('button', { name: 'Move Dated 1 to another day' }).click();
    const day = `${new Date().getUTCFullYear()}-${String(new Date().getUTCMonth() + 1).padStart(2, '0')}-12`;
    await page.getByLabel('To', { exact: true }).fill(day);
    await page.getByRole('button', { name: 'Move', exact: true }).click();
    await page
      .locator(`[data-day="${day}"]`)
      .getByRole('link', { name: /Dated 1/ })
      .waitFor();
    expect(String(await valueOf(dated, 'publishOn')).slice(0, 16)).toBe(`${day}T09:30`);
    expect(await allViolations(page)).toEqual([]);
  });

  test('an entry leads back to the list as it was, and on to the next one of it', async () => {
    const ids = await write('Walked', 3);
    const visitor = await stage.admin(`${LIST}?q=Walked&sort=title:asc`);
    const { page } = visitor;
    await page.getByRole('link', { name: 'Walked 1' }).click();
    await page.getByRole('heading', { name: 'Walked 1', level: 1 }).waitFor();
    const trail = page.getByRole('navigation', { name: 'Breadcrumb' });
    await trail.getByText('1 of 3').waitFor();
    await trail.getByRole('button', { name: 'Previous entry: This is the first entry in the list' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
    // What was typed is stored, though nobody saved it.
    await page.getByRole('textbox', { name: 'Title' }).fill('Walked 1, changed');
    await trail.getByRole('button', { name: 'Next entry' }).click();
    await page.getByRole('heading', { name: 'Walked 2', level: 1 }).waitFor();
    await expect.poll(() => valueOf(ids[0] ?? '', 'title')).toBe('Walked 1, changed');
    await page.keyboard.press('Alt+PageDown');
    await page.getByRole('heading', { name: 'Walked 3', level: 1 }).waitFor();
    await trail.getByRole('button', { name: 'Next entry: This is the last entry in the list' }).waitFor();
    // Another load of the page keeps the way.
    await page.reload();
    await trail.getByRole('button', { name: 'Previous entry' }).click();
    await page.getByRole('heading', { name: 'Walked 2', level: 1 }).waitFor();
    await trail.getByRole('link', { name: 'News' }).click();
    await page.getByRole('status').filter({ hasText: '3 of ' }).waitFor();
    const { searchParams } = new URL(page.url());
    expect([searchParams.get('q'), searchParams.get('sort')]).toEqual(['Walked', 'title:asc']);
    // Whoever comes by a link has no list to walk through.
    const other = await stage.admin(`${LIST}/${ids[0]}`);
    await other.page.getByRole('navigation', { name: 'Breadcrumb' }).waitFor();
    expect(await other.page.getByRole('button', { name: /^Next entry/ }).count()).toBe(0);
  });
});
