// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, BERT, startStage, TOKENS, violations, withAdmin } from './harness';

const UID = 'api::news.news';
const TITLES = [
  'Short',
  'A title that goes on for a while about the opening of the new workshop in the harbour of Rotterdam',
];
const PHONE = { width: 390, height: 844 };
const condition = (field: string, value: string) => ({ field, operator: '$containsi', value });

describe('screens have room for what they show', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(TOKENS, [{ ...BERT, roles: ['editor'] }]),
  });
  let id = '';

  beforeAll(async () => {
    for (const [at, title] of TITLES.entries())
      id = await stage.api.write(UID, { title, slug: `draft-${at}`, body: 'Text', topic: 'people' });
  });

  test.each([1440, 768])('a draft on the home page is one line, however short its title: %i px', async (width) => {
    const { page, context } = await stage.as(ADMIN, '/', { viewport: { width, height: 900 } });
    const drafts = page.getByRole('region', { name: 'Recently edited drafts' }).getByRole('listitem');
    await expect.poll(() => drafts.count()).toBe(TITLES.length);
    const short = drafts.filter({ hasText: 'Short' });
    const [title, state] = await Promise.all([
      short.getByRole('link').boundingBox(),
      short.getByText('Draft', { exact: true }).boundingBox(),
    ]);
    expect(Math.abs((title?.y ?? 0) - (state?.y ?? 99))).toBeLessThan(12);
    // What is said of it stands at the end of the line.
    expect(state?.x).toBeGreaterThan((title?.x ?? 0) + 250);
    await context.close();
  });

  test.each(['en-GB', 'nl-NL'])('on a phone the editor publishes within the thumb’s reach, in %s', async (locale) => {
    const { page, context } = await stage.as(ADMIN, `/content/${UID}/${id}`, { viewport: PHONE, locale });
    const save = page.locator('[data-save="saved"]');
    await save.waitFor();
    const publish = page.getByRole('button', { name: /^(Publish|Publiceren)$/ });
    for (const part of [save, publish]) {
      const box = await part.boundingBox();
      expect(box?.y).toBeGreaterThan(PHONE.height - 80);
      expect((box?.y ?? 0) + (box?.height ?? 99)).toBeLessThanOrEqual(PHONE.height);
    }
    // A finger finds it.
    expect((await publish.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    const heading = page.getByRole('heading', { level: 1 });
    expect(await heading.count()).toBe(1);
    expect((await heading.boundingBox())?.height).toBeLessThan(40);
    // What the bar has no room for is in its menu.
    expect(await page.getByRole('button', { name: /^(Save|Opslaan|Undo|Ongedaan maken)$/ }).count()).toBe(0);
    await page.getByRole('button', { name: /^(More actions|Meer acties)$/ }).click();
    for (const name of [/^(Save|Opslaan)$/, /^(Undo|Ongedaan maken)$/, /^(Duplicate|Dupliceren)$/])
      await page.getByRole('menuitem', { name }).waitFor();
    await page.keyboard.press('Escape');
    const panels = page.getByRole('complementary').getByRole('tab');
    await expect.poll(() => panels.count()).toBe(5);
    for (const name of await panels.allInnerTexts()) expect(name).toMatch(/\w{4}/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    await context.close();
  });

  // With a keyboard on the screen, half of a phone is left.
  test.each([844, 420])('no bar covers what has the focus on a phone: %i px high', async (height) => {
    const { page, context } = await stage.as(ADMIN, `/content/${UID}/${id}`, { viewport: { ...PHONE, height } });
    await page.locator('[data-save="saved"]').waitFor();
    const covered: string[] = [];
    for (const key of ['Tab', 'Shift+Tab']) {
      for (let step = 0; step < 40; step += 1) {
        await page.keyboard.press(key);
        const by = await page.evaluate(() => {
          const active = document.activeElement;
          if (!(active instanceof HTMLElement) || !active.closest('main [data-field]')) return '';
          const { left, right, top, bottom } = active.getBoundingClientRect();
          return [top + 4, Math.min(bottom, top + 40) - 4]
            .map((y) => document.elementFromPoint((left + right) / 2, y))
            .filter((seen) => seen === null || seen.closest('[data-bar]') !== null)
            .map(() => `${active.id} at ${Math.round(top)}`)
            .join(', ');
        });
        if (by) covered.push(`${key}: ${by}`);
      }
    }
    expect(covered).toEqual([]);
    await context.close();
  });

  test('the inbox names who was mentioned, and its buttons are whole on a phone', async () => {
    const anna = await stage.api.as(ADMIN);
    await anna.admin('POST', `/content/${UID}/${id}/comments?locale=en`, { text: `Ready, @[${BERT.email}]?` });
    const { page, context } = await stage.as(BERT, '/inbox', { viewport: PHONE });
    const line = page.getByRole('listitem').filter({ hasText: 'Ready, ' });
    await line.waitFor();
    expect(await line.innerText()).toContain('Ready, @Bert');
    const button = await line.getByRole('button').boundingBox();
    expect((button?.x ?? 0) + (button?.width ?? PHONE.width)).toBeLessThan(PHONE.width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    await context.close();
  });

  test('a person’s notifications fit a phone', async () => {
    const { page, context } = await stage.as(ADMIN, '/settings/notifications', { viewport: PHONE });
    const ways = page.getByRole('radiogroup').first();
    await ways.waitFor();
    const box = await ways.boundingBox();
    expect((box?.x ?? 0) + (box?.width ?? PHONE.width)).toBeLessThan(PHONE.width - 12);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
    await context.close();
  });

  test.each(['en-GB', 'nl-NL'])('the toolbar of a list takes two rows on a phone, in %s', async (locale) => {
    const dutch = locale === 'nl-NL';
    const filters = { and: ['opening', 'workshop', 'harbour'].map((value) => condition('title', value)) };
    const search = new URLSearchParams({ filters: JSON.stringify(filters) });
    const visitor = await stage.as(ADMIN, `/content/${UID}?${search.toString()}`, { viewport: PHONE, locale });
    const { page } = visitor;
    const bar = page.getByRole('group', { name: 'Filters' });
    const field = await page.getByRole('main').getByRole('searchbox').boundingBox();
    expect(await bar.getByRole('button').count()).toBeGreaterThan(6);
    const conditions = await bar.boundingBox();
    // The search with its button, and the conditions below: from top to bottom less than three rows of buttons.
    expect((conditions?.y ?? 0) + (conditions?.height ?? 0) - (field?.y ?? 0)).toBeLessThan(100);
    expect(await visitor.scrollsSideways()).toBe(false);
    // Nothing is lost: the rest is behind the button.
    const display = page.getByRole('button', { name: dutch ? 'Weergave' : 'Display', exact: true });
    await display.click();
    const dialog = page.getByRole('dialog', { name: dutch ? 'Weergave' : 'Display' });
    await dialog.getByRole('combobox', { name: dutch ? 'Versies' : 'Versions' }).waitFor();
    await dialog.getByRole('button', { name: dutch ? 'Bewaarde weergaven' : 'Saved views' }).click();
    await page.getByRole('menuitem', { name: dutch ? 'Bewaren als nieuwe weergave' : 'Save as new view' }).waitFor();
    await page.keyboard.press('Escape');
    // Cards have no columns to choose, and no headings to sort by.
    await dialog.getByRole('combobox', { name: dutch ? 'Sorteren op' : 'Sort by' }).click();
    await page.getByRole('option', { name: dutch ? 'Title, oplopend' : 'Title, ascending' }).click();
    await page.waitForURL(/sort=title(%3A|:)asc/);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('combobox', { name: dutch ? 'Weergave' : 'View' }).click();
    await page.getByRole('option', { name: dutch ? 'Bord' : 'Board' }).click();
    await page.waitForURL(/view=kanban/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await expect.poll(() => display.evaluate((button) => document.activeElement === button)).toBe(true);
    await visitor.context.close();
  });

  test.each([
    [1440, 'en-GB'],
    [1440, 'nl-NL'],
    [1280, 'en-GB'],
  ])('the toolbar of a list is one line: %i px, in %s', async (width, locale) => {
    const { page, context } = await stage.as(ADMIN, `/content/${UID}`, { viewport: { width, height: 900 }, locale });
    const bar = page.locator('[data-toolbar]');
    const saved = bar.getByRole('button', { name: /^(Saved views|Bewaarde weergaven)$/ });
    await saved.waitFor();
    const [search, button] = await Promise.all([bar.getByRole('searchbox').boundingBox(), saved.boundingBox()]);
    expect(Math.abs((search?.y ?? 0) - (button?.y ?? 99))).toBeLessThan(8);
    expect((await bar.boundingBox())?.height).toBeLessThan(44);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    // Where only its sign is left, it says what it is when it is pointed at.
    expect(await saved.getAttribute('title')).toBeTruthy();
    await context.close();
  });

  test.each([768, 390])(
    'a role’s permissions scroll within their box, with the types in sight: %i px',
    async (width) => {
      const visitor = await stage.as(ADMIN, '/settings/roles/author', { viewport: { width, height: 900 } });
      const { page } = visitor;
      const table = page.getByRole('table').filter({ hasText: 'Whole row' });
      const type = table.getByRole('rowheader', { name: 'News' });
      await type.waitFor();
      expect(await visitor.scrollsSideways()).toBe(false);
      const last = table.getByRole('button', { name: /News/ }).last();
      const before = await type.boundingBox();
      await last.scrollIntoViewIfNeeded();
      const [name, button] = await Promise.all([type.boundingBox(), last.boundingBox()]);
      expect(name?.x).toBe(before?.x);
      expect(button?.x).toBeGreaterThan((name?.x ?? width) + (name?.width ?? 0));
      expect((button?.x ?? width) + (button?.width ?? 0)).toBeLessThan(width);
      await last.click({ trial: true });
      expect(await visitor.scrollsSideways()).toBe(false);
      await visitor.context.close();
    },
  );
});

describe('an editor of twelve languages', () => {
  const CODES = ['en', 'nl', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'sv', 'da', 'fi', 'cs'];
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: CODES } }),
  });
  let id = '';

  beforeAll(async () => {
    id = await stage.api.write(UID, { title: TITLES[1], slug: 'twelve', body: 'Text', topic: 'people' });
  });

  test.each([1440, 768, 390])('has tabs for as many as fit, and a menu for the rest: %i px', async (width) => {
    const { page, context } = await stage.as(ADMIN, `/content/${UID}/${id}?locale=fi`, {
      viewport: { width, height: 900 },
    });
    const list = page.getByRole('tablist', { name: 'Language of the content' });
    // The language that is open is always there; this one is the eleventh.
    await list.getByRole('tab', { name: 'Finnish Not translated', selected: true }).waitFor();
    const more = page.getByRole('button', { name: /more languages$/ });
    const tabs = list.getByRole('tab');
    expect((await tabs.count()) + Number.parseInt(await more.innerText(), 10)).toBe(CODES.length);
    const boxes = await Promise.all((await tabs.all()).map((tab) => tab.boundingBox()));
    expect(new Set(boxes.map((box) => box?.y)).size).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await allViolations(page)).toEqual([]);

    // By keys: arrows move, Enter opens, and the tab keeps the focus.
    await list.getByRole('tab', { selected: true }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await list.getByRole('tab', { name: 'English Draft', selected: true }).waitFor();
    expect(new URL(page.url()).searchParams.get('locale')).toBe('en');
    await page.waitForFunction(() => document.activeElement?.textContent === 'EnglishDraft');
    await more.click();
    await page.getByRole('menuitem', { name: 'Czech Create' }).click();
    await list.getByRole('tab', { name: 'Czech Not translated', selected: true }).waitFor();
    await page.goBack();
    await list.getByRole('tab', { name: 'English Draft', selected: true }).waitFor();
    await context.close();
  });
});
