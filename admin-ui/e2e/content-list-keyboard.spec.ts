// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN_TOKEN, startStage, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';
const LIST = `/content/${UID}`;

describe('the content list without a mouse', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(),
  });

  async function write(count: number): Promise<void> {
    for (let n = 1; n <= count; n += 1) {
      const title = `Key ${String(n).padStart(2, '0')}`;
      const answer = await fetch(`${stage.server.base}/admin/api/content/${UID}`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ data: { title, slug: `key-${n}`, body: title, topic: 'people' } }),
      });
      if (!answer.ok) throw new Error(await answer.text());
    }
  }

  test('rows are reached, previewed, selected, edited, searched and opened', async () => {
    await write(12);
    const { page, context } = await stage.admin(`${LIST}?sort=title:asc`);
    const grid = page.getByRole('grid', { name: 'News' });
    await grid.getByText('Key 12').waitFor();
    const { keyboard } = page;
    const at = (): Promise<string | null> =>
      page.evaluate(
        () =>
          document.getElementById(document.activeElement?.getAttribute('aria-activedescendant') ?? '')?.textContent ??
          null,
      );

    // j and k from wherever the page is.
    await keyboard.press('j');
    await keyboard.press('j');
    await keyboard.press('k');
    expect(await at()).toBe('Key 02');

    // Space looks, and what is looked at follows the keyboard; Escape puts it away.
    await keyboard.press('Space');
    const peek = page.getByRole('complementary', { name: 'Entry beside the list' });
    await peek.getByRole('heading', { name: 'Key 02' }).waitFor();
    await keyboard.press('j');
    await peek.getByRole('heading', { name: 'Key 03' }).waitFor();
    await peek.getByText('Draft').waitFor();
    expect(await allViolations(page)).toEqual([]);
    await keyboard.press('Escape');
    await peek.waitFor({ state: 'detached' });

    // x chooses one, with Shift all up to another; Escape lets them go.
    await keyboard.press('x');
    await page.getByRole('status').filter({ hasText: '1 selected' }).waitFor();
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Shift+J');
    await page.getByRole('status').filter({ hasText: '3 selected' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('toolbar', { name: 'Actions for selected entries' }).waitFor({ state: 'detached' });

    // F2 edits the cell.
    await keyboard.press('F2');
    await page.getByRole('dialog', { name: 'Edit Title' }).getByRole('textbox').fill('Key 05 changed');
    await keyboard.press('Enter');
    await grid.getByText('Key 05 changed').waitFor();

    // The search is a key away, and shows where it matches.
    await keyboard.press('/');
    await keyboard.type('changed');
    await page.getByRole('status').filter({ hasText: '1 of 12' }).waitFor();
    await page.locator('mark', { hasText: 'changed' }).waitFor();

    // Another tab, and this one.
    await keyboard.press('Tab');
    await grid.focus();
    const [tab] = await Promise.all([context.waitForEvent('page'), keyboard.press('Control+Enter')]);
    await tab.waitForURL(/api::news\.news\/[a-z0-9]{24}/);
    await tab.close();
    await keyboard.press('Enter');
    await page.waitForURL(/api::news\.news\/[a-z0-9]{24}/);
    await page.goBack();
    await page.locator('mark', { hasText: 'changed' }).waitFor();
  });

  test('rows that failed to load are shown and can be loaded again', async () => {
    const { page } = await stage.admin(`${LIST}?sort=title:asc`);
    await page.getByRole('grid').getByText('Key 01').waitFor();
    // A list of three pages, of which the server never sends the second.
    let refuses = true;
    await page.route(/\/admin\/api\/content\/[^/?]*news[^/?]*\?/, async (route) => {
      const url = new URL(route.request().url());
      const number = Number(url.searchParams.get('pagination[page]') ?? '1');
      if (url.searchParams.get('pagination[pageSize]') !== '100') return route.continue();
      if (number > 1 && refuses) {
        return route.fulfill({
          status: 400,
          json: { data: null, error: { status: 400, name: 'ValidationError', message: 'no', details: {} } },
        });
      }
      const data = Array.from({ length: 100 }, (_, n) => ({
        id: n,
        documentId: `d${number}x${n}`,
        title: `Row ${(number - 1) * 100 + n}`,
      }));
      return route.fulfill({ json: { data, meta: { pagination: { total: 300 }, states: {} } } });
    });
    await page.getByRole('main').getByRole('searchbox').fill('row');
    await page.getByRole('status').filter({ hasText: '300 of' }).waitFor();
    const grid = page.getByRole('grid');
    await grid.focus();
    await page.keyboard.press('Control+End');
    await page.getByText('These rows could not be loaded.').first().waitFor();
    refuses = false;
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).press('Enter');
    await grid.getByText('Row 299').waitFor();
  });
});
