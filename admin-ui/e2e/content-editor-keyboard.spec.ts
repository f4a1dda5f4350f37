// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, User, png, startStage, TOKENS, allViolations, withAdmin } from './harness';

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
    expect(await allViolations(page)).toEqual([]);
    console.info(`by keyboard alone: ${user.keys} keys`);
    expect(user.keys).toBeLessThanOrEqual(25);
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

  test('an entry is created and published from its list and from the home page in at most 8 keys besides the text', async () => {
    const published = async (slug: string): Promise<number> =>
      (await stage.api.ask<unknown[]>('GET', `/api/updates?filters[slug]=${slug}`)).data.length;
    const finish = async (user: User, words: string): Promise<void> => {
      const { page } = user;
      await page.waitForFunction(() => document.activeElement?.getAttribute('name') === 'title');
      await user.type(words);
      expect(await page.getByRole('textbox', { name: 'Title', exact: true }).inputValue()).toBe(words);
      await user.reach(page.getByLabel('Happened on'));
      await user.type('11202026');
      await user.press('ControlOrMeta+Shift+p');
      await expect.poll(() => published(words.toLowerCase())).toBe(1);
      console.info(`created and published: ${user.keys} keys`);
      expect(user.keys).toBeLessThanOrEqual(8);
    };

    const { page: list } = await stage.as(ADMIN, `/content/${UID}`);
    await list.getByRole('link', { name: 'New entry' }).waitFor();
    const inList = new User(list, 'keyboard');
    // Not while somebody types.
    await list.getByRole('searchbox', { name: 'Search in Update' }).focus();
    await inList.type('n');
    expect(await list.getByRole('searchbox', { name: 'Search in Update' }).inputValue()).toBe('n');
    await list.getByRole('searchbox', { name: 'Search in Update' }).fill('');
    await list.locator('h1').focus();
    await inList.press('n');
    await finish(inList, 'Newsflash');

    const { page: home } = await stage.as(ADMIN, '/');
    await home.getByRole('button', { name: 'New', exact: true }).waitFor();
    const atHome = new User(home, 'keyboard');
    await atHome.press('n');
    await home.getByRole('menuitem', { name: 'Update' }).waitFor();
    expect(await allViolations(home)).toEqual([]);
    await home.keyboard.press('End');
    for (let at = 0; at < 20; at += 1) {
      if (await home.evaluate(() => document.activeElement?.textContent === 'Update')) break;
      await home.keyboard.press('ArrowUp');
    }
    await atHome.press('Enter');
    await finish(atHome, 'Homemade');
  });
});
