// @module-tag full
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ADMIN, ADMIN_TOKEN, startStage, allViolations, withAdmin } from './harness';

const NEWS = 'api::news.news';
const TOPICS = ['factory', 'technology', 'people', 'community', 'models'];

/** A day from today. */
function day(by: number): string {
  return new Date(Date.now() + by * 86_400_000).toISOString().slice(0, 10);
}

describe('views other than the table', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(
      {
        workflows: {
          news: {
            contentTypes: [NEWS],
            stages: [{ name: 'writing' }, { name: 'checking' }, { name: 'ready' }],
            approvals: [{ role: 'legal', before: 'ready' }],
            publishIn: ['ready'],
          },
        },
      },
      [{ email: 'lena@example.com', password: ADMIN.password, roles: ['legal', 'editor'] }],
    ),
  });

  async function api(method: string, path: string, body?: unknown): Promise<{ data: never }> {
    const answer = await fetch(`${stage.server.base}/admin/api${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

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
      ids.push(((await api('POST', `/content/${NEWS}`, { data })).data as { documentId: string }).documentId);
    }
    return ids;
  }

  test('an entry is moved on the timeline by keyboard and by its menu', async () => {
    const [id = ''] = await write('Timed', 1, { publishOn: `${day(0)}T09:30:00.000Z` });
    const visitor = await stage.admin(`/content/${NEWS}?view=timeline&date=publishOn&group=topic&q=Timed`);
    const { page } = visitor;
    const bar = page.getByRole('link', { name: /^Timed 1/ });
    await bar.focus();
    await page.keyboard.press('Alt+ArrowRight');
    await expect
      .poll(async () => ((await api('GET', `/content/${NEWS}/${id}`)).data as { publishOn: string }).publishOn)
      .toBe(`${day(1)}T09:30:00.000Z`);
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Move Timed 1 to another day' }).press('Enter');
    await page.getByLabel('To', { exact: true }).fill(day(3));
    await page.getByRole('button', { name: 'Move', exact: true }).press('Enter');
    await expect
      .poll(async () => ((await api('GET', `/content/${NEWS}/${id}`)).data as { publishOn: string }).publishOn)
      .toBe(`${day(3)}T09:30:00.000Z`);
    // The same as a list on a small screen.
    await page.setViewportSize({ width: 320, height: 700 });
    await page.getByRole('listitem').filter({ hasText: 'Timed 1' }).waitFor();
    expect(await visitor.scrollsSideways()).toBe(false);
    expect(await allViolations(page)).toEqual([]);
  });

  test('cards are moved through the review stages, and missing approvals are reported', async () => {
    const [id = ''] = await write('Staged', 1);
    const { page } = await stage.admin(`/content/${NEWS}?view=kanban&group=review.stage&q=Staged`);
    await page.getByRole('region', { name: 'writing' }).getByRole('link', { name: 'Staged 1' }).focus();
    await page.keyboard.press('Alt+ArrowRight');
    const card = page.getByRole('region', { name: 'checking' }).getByRole('link', { name: 'Staged 1' });
    await card.waitFor();
    expect(((await api('GET', `/review/${NEWS}/${id}`)).data as { stage: string }).stage).toBe('checking');
    await card.focus();
    await page.keyboard.press('Alt+ArrowRight');
    await page.getByRole('alert').filter({ hasText: 'legal' }).waitFor();
    await card.waitFor();
    expect(await allViolations(page)).toEqual([]);
    // Only those of a stage, and of nobody.
    await page.goto(`/admin/content/${NEWS}?q=Staged`);
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('combobox', { name: 'Field' }).fill('Stage');
    await page.getByRole('option', { name: 'Stage', exact: true }).click();
    await page.getByRole('combobox', { name: 'Stage' }).click();
    await page.getByRole('option', { name: 'writing' }).click();
    await page.getByText('No results').waitFor();
    await page.getByRole('button', { name: 'Stage: writing', exact: true }).click();
    await page.getByRole('combobox', { name: 'Stage' }).click();
    await page.getByRole('option', { name: 'checking' }).click();
    await page.getByRole('grid').getByRole('link', { name: 'Staged 1' }).waitFor();
  });

  test('a dashboard and a form are built without writing JSON', async () => {
    await write('Counted', 5);
    const { page } = await stage.admin('/');
    await page.getByRole('button', { name: 'New', exact: true }).click();
    await page.getByRole('menuitem', { name: 'New dashboard' }).click();
    await page.getByLabel('Name').fill('Newsroom');
    const first = page.getByRole('group', { name: /^Widget 1/ });
    await first.getByRole('combobox', { name: 'Entries of' }).fill('News');
    await page.getByRole('option', { name: 'News', exact: true }).click();
    await first.getByRole('combobox', { name: 'Shown as' }).click();
    await page.getByRole('option', { name: 'Chart' }).click();
    await first.getByRole('combobox', { name: 'Grouped by' }).click();
    await page.getByRole('option', { name: 'Topic' }).click();
    await page.getByRole('button', { name: 'Add a widget' }).click();
    const second = page.getByRole('group', { name: /^Widget 2/ });
    await second.getByRole('combobox', { name: 'Shown as' }).click();
    await page.getByRole('option', { name: 'Table' }).click();
    await second.getByText('Counted 5').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/\/views\/\d+$/);
    // The form shows such a row too, before it is left.
    await page.getByRole('heading', { name: 'Newsroom', level: 1 }).waitFor();
    await page.getByRole('row', { name: /^models/ }).waitFor();
    expect(await allViolations(page)).toEqual([]);

    await page.goto(`/admin/content/${NEWS}`);
    await page.getByRole('button', { name: 'Saved views' }).click();
    await page.getByRole('menuitem', { name: 'New form…' }).click();
    await page.getByLabel('Name').fill('Quick news');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/\/views\/\d+$/);
    await page.getByRole('textbox', { name: 'Title' }).fill('Made by a form');
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await page.getByRole('link', { name: 'Made by a form' }).waitFor();
    expect(await allViolations(page)).toEqual([]);
  });

  test('the list is downloaded', async () => {
    await write('Exported', 3);
    const { page } = await stage.admin(`/content/${NEWS}?q=Exported&sort=title:desc`);
    await page.getByRole('status').filter({ hasText: '3 of' }).waitFor();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('radio', { name: 'JSON lines' }).check();
    expect(await allViolations(page)).toEqual([]);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { title: string }).title)).toEqual([
      'Exported 3',
      'Exported 2',
      'Exported 1',
    ]);
  });

  test('many entries are assigned at once; the change is stopped half-way and undone', async () => {
    const ids = await write('Assigned', 230);
    const { page } = await stage.admin(`/content/${NEWS}?q=Assigned`);
    await page.getByRole('status').filter({ hasText: '230 of' }).waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.press('Control+a');
    await page.getByRole('status').filter({ hasText: '230 selected' }).waitFor();
    await page.getByRole('button', { name: 'Assign', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Assign 230 entries' });
    await dialog.getByRole('combobox', { name: 'People' }).fill('lena');
    await page.getByRole('option', { name: /lena/ }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Assign 230' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page
      .getByText(/entries assigned\. Stopped: \d+ were left unchanged\./)
      .first()
      .waitFor();
    const assigned = async (): Promise<number> =>
      (
        (await api('GET', `/content/${NEWS}?_q=Assigned&assignee=none&pagination[pageSize]=1`)) as unknown as {
          meta: { pagination: { total: number } };
        }
      ).meta.pagination.total;
    expect(await assigned()).toBeLessThan(ids.length);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone').first().waitFor();
    expect(await assigned()).toBe(ids.length);
  });
});
