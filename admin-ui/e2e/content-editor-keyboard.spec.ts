// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, countInput, type InputCount, png, startStage, TOKENS, User, withAdmin } from './harness';

const UID = 'api::update.update';

describe('editing an entry without a mouse', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  test('an entry is found in the palette, gets a picture that is moved up, and is published in at most 25 keys besides the text', async () => {
    const body = [{ type: 'paragraph', children: [{ type: 'text', text: 'Blue it is.' }] }];
    const id = await stage.api.write(UID, {
      title: 'The body is painted',
      slug: 'painted',
      happenedOn: '2026-11-20',
      body,
    });
    await stage.api.upload('blue.png', png(120));
    const { page } = await stage.as(ADMIN, '/');
    const user = new User(page, 'keyboard');

    const end = await countInput(page);
    await user.press('Control+k');
    await page.getByRole('combobox', { name: 'Search for a page, an entry or an action' }).waitFor();
    await user.type('body is painted');
    const found = page.getByRole('option').filter({ hasText: 'The body is painted' });
    await found.waitFor();
    if ((await found.getAttribute('aria-selected')) !== 'true') await user.press('ArrowDown');
    await user.press('Enter');
    await page.getByRole('heading', { name: 'The body is painted', level: 1 }).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('h1'));

    await user.use(page.getByRole('link', { name: 'Skip to fields' }));
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
    await user.press('End');
    await user.type(' today');
    await user.reach(page.locator('[data-field="body"] [contenteditable="true"]'));
    await user.press('Control+End');
    // The editor hears of a new selection with the next frame: nobody's fingers are quicker.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await user.press('Enter');
    await user.type('/image');
    await user.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /blue\.png/ }).waitFor();
    await user.use(dialog.getByRole('button', { name: /blue\.png/ }));
    await user.use(dialog.getByRole('button', { name: 'Use 1 file' }));
    const asked = page.getByRole('dialog', { name: 'What the image shows' });
    await asked.waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === 'TEXTAREA');
    await user.type('A body, painted blue');
    await user.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.matches('[contenteditable="true"]'));
    await page.locator('[data-field="body"] img').waitFor();
    // The words go on behind the picture; one step back is the picture itself.
    await user.press('ArrowUp', 'Alt+ArrowUp');
    await user.press('ControlOrMeta+Shift+p');
    await expect
      .poll(
        async () =>
          (await stage.api.ask<{ title: string; body: { type: string }[] }>('GET', `/api/updates/${id}`)).data,
      )
      .toMatchObject({
        title: 'The body is painted today',
        body: [{ type: 'image' }, { type: 'paragraph', children: [{ text: 'Blue it is.' }] }, { type: 'paragraph' }],
      });
    const input = await end();
    console.info(`by keyboard alone: ${input.keys} keys`);
    expect(input.clicks + input.loads).toBe(0);
    expect(input.keys).toBeLessThanOrEqual(25);
    expect(await allViolations(page)).toEqual([]);
  });

  test('who opens a new entry types its title, and no letter leads elsewhere', async () => {
    const { page } = await stage.as(ADMIN, `/content/${UID}`);
    const user = new User(page, 'keyboard');
    await user.use(page.getByRole('link', { name: 'New entry' }).or(page.getByRole('button', { name: 'New entry' })));
    const title = page.getByRole('textbox', { name: 'Title', exact: true });
    await title.waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
    await user.type('ghost town');
    expect(await title.inputValue()).toBe('ghost town');
    // Also beside the fields.
    await page.locator('h1').click();
    await user.type('gh');
    await page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();
    expect(new URL(page.url()).pathname).toContain(UID);
    expect(await title.inputValue()).toBe('ghost town');
  });
});

describe('a new entry without a mouse', () => {
  const ARTICLE = 'api::article.article';
  const stage = startStage({ contentTypes: 'core/query/tests/model/content-types', settings: withAdmin(TOKENS) });

  /** Types a title where the focus is, and publishes; `end` ends the count that began on the page that led here. */
  async function finish(user: User, title: string, end: () => Promise<InputCount>): Promise<void> {
    const { page } = user;
    await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
    await user.type(title);
    expect(await page.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe(title);
    await user.press('ControlOrMeta+Shift+p');
    const published = `/content/${ARTICLE}?status=published&filters[title]=${title}`;
    await expect.poll(async () => (await stage.api.admin<unknown[]>('GET', published)).length).toBe(1);
    const input = await end();
    console.info(`created and published: ${input.keys} keys`);
    expect(input).toMatchObject({ clicks: 0, letters: title.length, loads: 0 });
    expect(input.keys).toBeLessThanOrEqual(8);
  }

  test('in its list, an entry is created and published in at most 8 keys besides the text', async () => {
    const { page } = await stage.as(ADMIN, `/content/${ARTICLE}`);
    const user = new User(page, 'keyboard');
    await page.getByRole('link', { name: 'New entry' }).first().waitFor();
    // The key is a letter of the word for whoever searches.
    const search = page.getByRole('searchbox', { name: /^Search in/ });
    await search.focus();
    await user.type('n');
    expect(await search.inputValue()).toBe('n');
    await search.fill('');
    await page.locator('h1').focus();
    const end = await countInput(page);
    await user.press('n');
    await finish(user, 'Newsflash', end);
  });

  test('so it is from the home page, where the key opens a menu of types', async () => {
    const { page } = await stage.as(ADMIN, '/');
    const user = new User(page, 'keyboard');
    await page.getByRole('button', { name: 'New', exact: true }).waitFor();
    const end = await countInput(page);
    await user.press('n');
    const article = page.getByRole('menuitem', { name: 'Article' });
    await article.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await user.reach(article);
    await user.press('Enter');
    await finish(user, 'Homemade', end);
  });
});
