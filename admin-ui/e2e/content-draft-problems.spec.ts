// @module-tag full
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, BERT, User, startStage, TOKENS, violations, withAdmin } from './harness';

const UID = 'api::news.news';

/** Ten characters more than the title may have. */
const LONG = 'A title that goes on and on '.repeat(5).slice(0, 130);

const title = (page: Page) => page.getByRole('textbox', { name: 'Title' });
const saved = (page: Page) => page.getByText('Saved. Fix 1 problem before you publish');
const problem = (page: Page) => page.locator('[data-field="title"]').getByText('Enter at most 120 characters.');

describe.each(['mouse', 'keyboard'] as const)('a draft with a problem, by %s', (way) => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(TOKENS, [{ ...BERT, roles: ['super-admin'] }]),
  });

  test('is on the server, has its problem named for everybody, and is published once it is mended', async () => {
    const id = await stage.api.write(UID, { title: 'Short', slug: 'by-hand', body: 'Text', topic: 'people' });
    const { page } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const user = new User(page, way);
    await user.write(title(page), LONG);
    await user.write(page.getByRole('textbox', { name: 'Summary' }), 'A right summary');
    await saved(page).waitFor();
    await problem(page).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await stage.api.entry(UID, id)).toMatchObject({ title: LONG, summary: 'A right summary' });
    // Nothing holds who leaves: the server has it all.
    await page.goto(`/admin/content/${UID}`);
    await page.getByRole('link', { name: LONG }).first().waitFor();

    // Another browser, another person.
    const bert = await stage.as(BERT, `/content/${UID}/${id}`);
    await saved(bert.page).waitFor();
    await problem(bert.page).waitFor();
    expect(await title(bert.page).inputValue()).toBe(LONG);
    expect(await bert.page.getByRole('textbox', { name: 'Summary' }).inputValue()).toBe('A right summary');
    const other = new User(bert.page, way);
    await other.press('ControlOrMeta+Shift+p');
    await bert.page.getByRole('alert').getByText('Fix 1 problem').waitFor();
    expect((await stage.api.entry(UID, id)).publishedAt).toBeNull();
    await other.use(bert.page.getByRole('button', { name: 'Saved. Fix 1 problem before you publish' }));
    await other.write(title(bert.page), 'Mended');
    await other.press('ControlOrMeta+Shift+p');
    await bert.page.getByText('Published', { exact: true }).first().waitFor();
    await saved(bert.page).waitFor({ state: 'detached' });
    const { data } = await stage.api.ask<{ title: string }>('GET', `/api/news-items/${id}`);
    expect(data.title).toBe('Mended');
  });

  test('a value that is refused stays on this device, in words, and the others are saved', async () => {
    const id = await stage.api.write(UID, { title: 'Held', slug: `held-${way}`, body: 'Text', topic: 'people' });
    const visitor = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const { page } = visitor;
    // A choice that was there when the page was opened, and is not there any more.
    await visitor.context.route('**/admin/api/content/**', async (route) => {
      const data = (route.request().postDataJSON() as { data?: Record<string, unknown> } | null)?.data;
      if (route.request().method() !== 'PUT' || data?.summary === undefined) return route.continue();
      return route.continue({ postData: JSON.stringify({ data: { ...data, summary: 7 } }) });
    });
    const user = new User(page, way);
    await user.write(title(page), 'Held apart');
    await user.write(page.getByRole('textbox', { name: 'Summary' }), 'Not taken');
    await page.getByText('1 field is not saved – see below').waitFor();
    await page.locator('[data-field="summary"]').getByText('Not saved: kept on this device only.').waitFor();
    await expect.poll(() => stage.api.entry(UID, id)).toMatchObject({ title: 'Held apart', summary: null });
    expect(await page.getByRole('textbox', { name: 'Summary' }).inputValue()).toBe('Not taken');
    await visitor.context.unrouteAll();
    await user.press('ControlOrMeta+s');
    await expect.poll(() => stage.api.entry(UID, id)).toMatchObject({ summary: 'Not taken' });
  });
});
