// @module-tag full
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, countInput, type InputCount, png, startStage, TOKENS, withAdmin } from './harness';

const NEWS = 'api::news.news';
const UPDATE = 'api::update.update';
const NOTHING: InputCount = { clicks: 0, keys: 0, letters: 0, loads: 0 };

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 });

/** Does a task, and prints what it took. */
async function count(page: Page, task: string, steps: () => Promise<void>): Promise<InputCount> {
  const end = await countInput(page);
  await steps();
  const input = await end();
  console.info(`${task}: ${input.clicks} clicks, ${input.keys} keys`);
  return input;
}

/** Each test is a line of the table in docs/acceptance.md: from the page where it begins to what is reached, in at most so many clicks. */
describe('clicks of daily tasks', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  const write = (title: string, more: object = {}) =>
    stage.api.write(NEWS, {
      title,
      slug: title.toLowerCase().replaceAll(' ', '-'),
      body: 'Text',
      topic: 'people',
      ...more,
    });

  beforeAll(async () => {
    // More than the home page lists as recent: the first one is found in its list only.
    for (let n = 1; n <= 12; n += 1) await write(`Story ${String(n).padStart(2, '0')}`);
  });

  test('an entry is opened from the home page in 2 clicks', async () => {
    const { page } = await stage.as(ADMIN, '/');
    const types = page.getByRole('navigation').getByRole('link', { name: 'News', exact: true });
    await types.first().waitFor();
    const input = await count(page, 'open an entry from home', async () => {
      await types.first().click();
      await page.getByRole('link', { name: 'Story 01' }).click();
      await heading(page, 'Story 01').waitFor();
    });
    expect(input).toEqual({ ...NOTHING, clicks: 2 });
  });

  test('an entry is saved, and the next one of the list opened, in 1 click', async () => {
    const { page } = await stage.as(ADMIN, `/content/${NEWS}?q=Story&sort=title:asc`);
    await page.getByRole('link', { name: 'Story 02' }).click();
    await heading(page, 'Story 02').waitFor();
    const title = page.getByRole('textbox', { name: 'Title', exact: true });
    await title.click();
    await page.keyboard.press('End');
    await page.keyboard.type(', changed');
    const next = page.getByRole('button', { name: 'Next entry', exact: true });
    await next.waitFor();
    const input = await count(page, 'save and next', async () => {
      await next.click();
      await heading(page, 'Story 03').waitFor();
    });
    expect(input).toEqual({ ...NOTHING, clicks: 1 });
    const changed = `/content/${NEWS}?filters[title]=Story 02, changed`;
    await expect.poll(async () => (await stage.api.admin<unknown[]>('GET', changed)).length).toBe(1);
    const byKey = await count(page, 'the same by keyboard', async () => {
      await page.keyboard.press('Alt+PageDown');
      await heading(page, 'Story 04').waitFor();
    });
    expect(byKey).toEqual({ ...NOTHING, keys: 1 });
  });

  test('another content type is opened in 1 click', async () => {
    const { page } = await stage.as(ADMIN, `/content/${NEWS}`);
    const other = page.getByRole('navigation').getByRole('link', { name: 'FAQ', exact: true }).first();
    await other.waitFor();
    const input = await count(page, 'switch type', async () => {
      await other.click();
      await heading(page, 'FAQ').waitFor();
    });
    expect(input).toEqual({ ...NOTHING, clicks: 1 });
  });

  test('an entry is found by a word without a click', async () => {
    await write('The lighthouse keeper');
    const { page } = await stage.as(ADMIN, '/calendar');
    const input = await count(page, 'find an entry by a word', async () => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search for a page, an entry or an action' }).waitFor();
      await page.keyboard.type('lighthouse');
      await page.keyboard.press('Enter');
      await heading(page, 'The lighthouse keeper').waitFor();
    });
    expect(input).toEqual({ ...NOTHING, keys: 2, letters: 'lighthouse'.length });
  });

  test.each(['from the library', 'by an upload'] as const)(
    'a picture gets into a text %s in 2 clicks, after /im',
    async (way) => {
      const name = way === 'from the library' ? 'quay.png' : 'ferry.png';
      if (way === 'from the library') await stage.api.upload(name, png(120));
      const id = await stage.api.write(UPDATE, { title: name, slug: name.slice(0, -4), happenedOn: '2026-11-20' });
      const { page } = await stage.as(ADMIN, `/content/${UPDATE}/${id}`);
      await page.locator('[data-field="body"] [contenteditable="true"]').click();
      const dialog = page.getByRole('dialog', { name: 'Choose files' });
      const input = await count(page, `a picture into a text, ${way}`, async () => {
        await page.keyboard.type('/im');
        await page.getByRole('option', { name: 'Image' }).waitFor();
        await page.keyboard.press('Enter');
        await dialog.waitFor();
        if (way === 'from the library') await dialog.getByRole('button', { name: /quay\.png/ }).click();
        else {
          const [chooser] = await Promise.all([
            page.waitForEvent('filechooser'),
            dialog.getByRole('button', { name: 'Upload' }).click(),
          ]);
          await chooser.setFiles([{ name, mimeType: 'image/png', buffer: png(40) }]);
          await dialog.getByRole('button', { name: /ferry\.png/, pressed: true }).waitFor();
        }
        await dialog.getByRole('button', { name: 'Use 1 file' }).click();
        await page.getByRole('dialog', { name: 'What the image shows' }).waitFor();
        await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
        await page.keyboard.type('A quay');
        await page.keyboard.press('Enter');
        await page.locator('[data-field="body"] figure img').waitFor();
      });
      expect(input).toMatchObject({ clicks: 2, keys: 2, loads: 0 });
    },
  );

  test('10 entries are published in 3 clicks, and taken back in 1', async () => {
    for (let n = 1; n <= 10; n += 1) await write(`Batch ${n}`);
    const published = async () =>
      (await stage.api.ask<unknown[]>('GET', '/api/news-items?filters[title][$startsWith]=Batch')).data.length;
    const { page } = await stage.as(ADMIN, `/content/${NEWS}?q=Batch`);
    await page.getByRole('status').filter({ hasText: '10 of ' }).waitFor();
    const outcome = page.getByRole('main').getByRole('status').filter({ hasText: '10 entries published.' });
    const input = await count(page, 'publish 10', async () => {
      await page.getByRole('checkbox', { name: 'Select all', exact: true }).click();
      await page
        .getByRole('toolbar')
        .filter({ hasText: '10 selected' })
        .getByRole('button', { name: 'Publish', exact: true })
        .click();
      await page.getByRole('dialog').getByRole('button', { name: 'Publish 10' }).click();
      await outcome.waitFor();
    });
    expect(input).toEqual({ ...NOTHING, clicks: 3 });
    expect(await published()).toBe(10);
    const back = await count(page, 'take it back', async () => {
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByRole('status').filter({ hasText: 'Undone' }).first().waitFor();
    });
    expect(back).toEqual({ ...NOTHING, clicks: 1 });
    expect(await published()).toBe(0);
  });

  test('versions are compared in 2 clicks', async () => {
    const id = await write('Compared', { summary: 'One two three' });
    await stage.api.admin('PUT', `/content/${NEWS}/${id}`, { data: { summary: 'One four three' } });
    const { page } = await stage.as(ADMIN, `/content/${NEWS}/${id}`);
    const tab = page.getByRole('tab', { name: 'History' });
    await tab.waitFor();
    const input = await count(page, 'compare versions', async () => {
      await tab.click();
      await page
        .getByRole('list', { name: 'History' })
        .getByRole('listitem')
        .last()
        .getByRole('button', { name: 'Compare with now' })
        .click();
      await page.getByRole('dialog', { name: 'Compare versions' }).locator('ins', { hasText: 'four' }).waitFor();
    });
    expect(input).toEqual({ ...NOTHING, clicks: 2 });
  });

  test('what a script makes up is not counted, and a page opened by its address is', async () => {
    const { page } = await stage.as(ADMIN, '/profile');
    const input = await count(page, 'nothing with the hands', async () => {
      await page.evaluate(() => {
        document.querySelector<HTMLElement>('nav a')?.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
        document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
      });
      await page.goto('/admin/inbox');
      await heading(page, 'Inbox').waitFor();
    });
    expect(input).toEqual({ ...NOTHING, loads: 1 });
  });
});
