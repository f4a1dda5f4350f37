// @module-tag full
import type { Locator } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, TOKENS, allViolations, withAdmin } from './harness';

const UID = 'api::news.news';

/** Roles of what can be operated: each has to have a name. */
const CONTROLS =
  'button|link|textbox|searchbox|combobox|checkbox|radio|switch|tab|option|menuitem|menuitemradio|slider|spinbutton|dialog|grid|columnheader';

/** What a screen reader is told of something, and of what in it nobody would know what it is. */
async function readAloud(where: Locator): Promise<{ said: string; unnamed: string[] }> {
  const said = await where.ariaSnapshot();
  return {
    said,
    unnamed: said.split('\n').filter((line) => new RegExp(`^\\s*- (?:${CONTROLS})(?: \\[|:|$)`).test(line)),
  };
}

describe('screen reader semantics', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  test('the list is a grid with named columns, named rows and a selection', async () => {
    for (const title of ['First', 'Second'])
      await stage.api.write(UID, { title, slug: title.toLowerCase(), body: title, topic: 'people' });
    const { page } = await stage.as(ADMIN, `/content/${UID}`);
    await page.getByRole('link', { name: 'First' }).waitFor();
    const { said, unnamed } = await readAloud(page.locator('body'));
    expect(unnamed).toEqual([]);
    for (const line of [
      /- heading "News" \[level=1\]/,
      /- grid "News"/,
      /- columnheader "Title/,
      /- link "First"/,
      /- button "Actions for First"/,
      /- '?row "Select First First Draft/,
      /- navigation "/,
      /- main/,
    ]) {
      expect(said).toMatch(line);
    }
    await page.getByRole('grid', { name: 'News' }).focus();
    await page.keyboard.press('x');
    await page.getByRole('status').filter({ hasText: '1 selected' }).waitFor();
    expect(await page.getByRole('row', { selected: true }).count()).toBe(1);
    const dialog = page.getByRole('dialog', { name: 'Edit a field of 1 entry' });
    await page.getByRole('button', { name: 'Edit a field' }).press('Enter');
    await dialog.waitFor();
    expect((await readAloud(dialog)).unnamed).toEqual([]);
    expect(await allViolations(page)).toEqual([]);
    // The focus is in the dialog, and afterwards where it was.
    expect(await dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Edit a field');
  });

  test('the editor exposes labels, required fields and the save state', async () => {
    const id = await stage.api.write('api::update.update', {
      title: 'Told',
      slug: 'told',
      happenedOn: '2026-11-20',
      sections: [
        { __component: 'block.quote', text: 'One', author: 'A' },
        { __component: 'block.quote', text: 'Two', author: 'B' },
      ],
    });
    const { page } = await stage.as(ADMIN, `/content/api::update.update/${id}`);
    await page.getByRole('button', { name: 'Actions for 1. Quote' }).waitFor();
    const { said, unnamed } = await readAloud(page.locator('main'));
    expect(unnamed).toEqual([]);
    for (const line of [
      /- textbox "Title": Told/,
      /- status: All saved/,
      /- button "Publish"/,
      /- complementary "Details"/,
      /- tab "History"/,
      /- toolbar "/,
      /- tablist "Language of the content"/,
    ]) {
      expect(said).toMatch(line);
    }
    expect(await page.getByRole('textbox', { name: 'Title' }).getAttribute('aria-required')).toBe('true');

    // What can be dragged has a menu that does the same, and says what it did.
    await page.getByRole('button', { name: 'Actions for 1. Quote' }).press('Enter');
    const menu = page.getByRole('menu');
    await menu.waitFor();
    expect((await readAloud(menu)).unnamed).toEqual([]);
    expect((await readAloud(menu)).said).toMatch(/- menuitem "Move down/);
    await menu.getByRole('menuitem', { name: 'Move down' }).press('Enter');
    await page
      .locator('[aria-live], [role="status"]')
      .filter({ hasText: 'Moved to position 2 of 2' })
      .first()
      .waitFor({ state: 'attached' });

    // A mistake is told at the field and in the summary, which gets the focus.
    await page.getByRole('textbox', { name: 'Title' }).fill('');
    await page.getByRole('button', { name: 'Publish', exact: true }).press('Enter');
    const alert = page.getByRole('alert').filter({ hasText: /Fix \d+ problem/ });
    await alert.getByRole('link', { name: 'Title' }).press('Enter');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true');
    const described = await page.evaluate(
      () =>
        document.getElementById(document.activeElement?.getAttribute('aria-describedby')?.split(' ').at(-1) ?? '')
          ?.textContent,
    );
    expect(described).toContain('Required to publish');
  });
});
