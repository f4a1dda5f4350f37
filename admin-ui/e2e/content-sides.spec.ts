// @module-tag full
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { allViolations, png, startStage, TOKENS, violationsInBothSchemes, withAdmin } from './harness';

const UPDATE = 'api::update.update';
const NEWS = 'api::news.news';

/** Where a language is, as the bar says. */
const stateOf = (page: Page, which: 'open' | 'beside') => page.locator(`[data-side-state="${which}"]`);
const waitUntilSaved = async (page: Page, which: 'open' | 'beside') =>
  stateOf(page, which).locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();

const english = (page: Page, label: string): Locator => page.getByRole('textbox', { name: label, exact: true });
const dutch = (page: Page, label: string): Locator =>
  page.getByRole('textbox', { name: `${label} in Dutch`, exact: true });

const isFocused = (field: Locator) => field.evaluate((element) => element === document.activeElement);
const isOfDutch = (url: URL) =>
  decodeURIComponent(url.pathname).includes(`/content/${UPDATE}/`) && url.searchParams.get('locale') === 'nl';

describe('two languages of an entry side by side', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }),
  });
  let made = 0;

  async function begin(en: object, nl: object | null = {}) {
    const { api } = stage;
    made += 1;
    const id = await api.write(UPDATE, { slug: `sides-${made}`, happenedOn: '2026-03-01', ...en }, 'en');
    if (nl) await api.admin('PUT', `/content/${UPDATE}/${id}?locale=nl`, { data: nl });
    const visitor = await stage.admin(`/content/${UPDATE}/${id}?locale=en&beside=nl`);
    await visitor.page.getByRole('region', { name: 'English and Dutch side by side' }).waitFor();
    const read = (locale: 'en' | 'nl') => api.entry(UPDATE, id, `?locale=${locale}`);
    return { ...visitor, page: visitor.page, visitor, id, read };
  }

  test('both are written and saved, each with its own state; what they share stands once', async () => {
    const { page, read, visitor } = await begin(
      { title: 'The gate opens', summary: 'At seven.' },
      { title: 'De poort gaat open' },
    );
    await english(page, 'Summary').fill('At eight.');
    await dutch(page, 'Summary').fill('Om acht uur.');
    await waitUntilSaved(page, 'open');
    await waitUntilSaved(page, 'beside');
    expect((await read('en')).summary).toBe('At eight.');
    expect((await read('nl')).summary).toBe('Om acht uur.');
    expect(await page.locator('[data-field="happenedOn"]').count()).toBe(1);
    expect(await page.locator('[data-beside] [data-field="milestone"]').count()).toBe(0);
    // The same label stands once, and both inputs on one line.
    const [left, right] = await Promise.all([
      english(page, 'Summary').boundingBox(),
      dutch(page, 'Summary').boundingBox(),
    ]);
    expect(Math.abs((left?.y ?? 0) - (right?.y ?? 1000))).toBeLessThan(2);
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await visitor.picture('sides');
    // What all languages share is saved in both: neither is out of date by it.
    await page.getByRole('switch', { name: 'Milestone' }).click();
    await expect.poll(async () => (await read('nl')).milestone).toBe(true);
    await dutch(page, 'Title').fill('De poort is open');
    await expect.poll(async () => (await read('nl')).title).toBe('De poort is open');
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('fields are copied in both directions; nothing is overwritten without a question', async () => {
    const body = [{ type: 'paragraph', children: [{ type: 'text', text: 'Twelve cars a day.' }] }];
    const { page, read } = await begin(
      { title: 'The paint shop opens', summary: 'From Monday on.', body },
      { title: 'De lakstraat gaat open' },
    );
    const bar = page.getByRole('region', { name: 'English and Dutch side by side' });
    await bar.getByRole('button', { name: 'Fill empty Dutch fields from English' }).click();
    const told = page.getByRole('alert').filter({ hasText: 'Filled 2 fields in Dutch from English' });
    await told.waitFor();
    expect(await dutch(page, 'Title').inputValue()).toBe('De lakstraat gaat open');
    expect(await dutch(page, 'Summary').inputValue()).toBe('From Monday on.');
    await page.getByRole('textbox', { name: 'Rich text of Body in Dutch' }).getByText('Twelve cars a day.').waitFor();
    await told.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => dutch(page, 'Summary').inputValue()).toBe('');
    // One that is empty is filled at once, one that is not after a question.
    await page.getByRole('button', { name: 'Copy Summary from English to Dutch' }).click();
    expect(await dutch(page, 'Summary').inputValue()).toBe('From Monday on.');
    await page.getByRole('button', { name: 'Copy Title from Dutch to English' }).click();
    const asked = page.getByRole('dialog', { name: 'Replace Title in English?' });
    await asked.waitFor();
    expect(await allViolations(page)).toEqual([]);
    await asked.getByRole('button', { name: 'Cancel' }).click();
    expect(await english(page, 'Title').inputValue()).toBe('The paint shop opens');
    await page.getByRole('button', { name: 'Copy Title from Dutch to English' }).click();
    await asked.getByRole('button', { name: 'Replace' }).click();
    expect(await english(page, 'Title').inputValue()).toBe('De lakstraat gaat open');
    const copied = page.getByRole('alert').filter({ hasText: 'Title copied from Dutch to English' });
    await copied.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => english(page, 'Title').inputValue()).toBe('The paint shop opens');
    await stateOf(page, 'open').locator('[data-save="saved"]').waitFor();
    await expect.poll(async () => (await read('nl')).summary).toBe('From Monday on.');
    expect((await read('en')).title).toBe('The paint shop opens');
  });

  test('the keys move between the two sides of a field, and undo where somebody writes', async () => {
    const { page, visitor } = await begin(
      { title: 'A', summary: 'English', sections: [{ __component: 'block.quote', text: 'Said', author: 'Anna' }] },
      { title: 'B', summary: 'Nederlands', sections: [{ __component: 'block.quote', text: 'Gezegd', author: 'Anna' }] },
    );
    await english(page, 'Summary').focus();
    await page.keyboard.press('Control+Shift+L');
    await expect.poll(() => isFocused(dutch(page, 'Summary'))).toBe(true);
    await page.keyboard.type('!');
    await page.keyboard.press('Control+Shift+L');
    await expect.poll(() => isFocused(english(page, 'Summary'))).toBe(true);
    await page.keyboard.press('End');
    await page.keyboard.type('?');
    await page.keyboard.press('Control+z');
    expect(await english(page, 'Summary').inputValue()).toBe('English');
    expect(await dutch(page, 'Summary').inputValue()).toContain('!');
    await page.keyboard.press('Control+Shift+L');
    await expect.poll(() => isFocused(dutch(page, 'Summary'))).toBe(true);
    await page.keyboard.press('Control+z');
    await expect.poll(() => dutch(page, 'Summary').inputValue()).toBe('Nederlands');
    // Items of a dynamic zone are written on both sides.
    await page.locator('[data-beside] [data-field="sections"] [data-toggle]').first().click();
    await page.locator('[data-beside]').getByRole('textbox', { name: 'Text', exact: true }).fill('Dat is gezegd');
    await waitUntilSaved(page, 'beside');
    await visitor.picture('sides-sections');
  });

  test('says which languages are published, and publishes one or both', async () => {
    const { page, read } = await begin({ title: 'Both' }, { title: 'Allebei' });
    await dutch(page, 'Title').fill('Alle twee');
    await page.getByRole('button', { name: 'Publish English', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Publishing options' }).click();
    await page.getByRole('menuitem', { name: 'Publish Dutch', exact: true }).waitFor();
    await page.getByRole('menuitem', { name: 'Publish English and Dutch' }).click();
    await page.getByText('Published (English)').waitFor();
    await page.getByText('Published (Dutch)').waitFor();
    await page.getByRole('tab', { name: 'English Published' }).waitFor();
    await page.getByRole('tab', { name: 'Dutch Published' }).waitFor();
    expect((await read('nl')).title).toBe('Alle twee');
    // What one of them lacks is told of that one alone.
    await dutch(page, 'Title').fill('');
    await page.getByRole('button', { name: 'Publishing options' }).click();
    await page.getByRole('menuitem', { name: 'Publish Dutch', exact: true }).click();
    const problems = page.getByRole('alert').filter({ hasText: 'Fix 1 problem (Dutch)' });
    await problems.getByRole('link', { name: 'Title' }).click();
    await expect.poll(() => isFocused(dutch(page, 'Title'))).toBe(true);
  });

  test('a conflict is one of its own language', async () => {
    const { page, id, context, read } = await begin({ title: 'Together' }, { title: 'Samen' });
    await context.setOffline(true);
    await dutch(page, 'Title').fill('Door Anna');
    await stateOf(page, 'beside').locator('[data-save="offline"]').waitFor();
    await stage.api.admin('PUT', `/content/${UPDATE}/${id}?locale=nl`, { data: { title: 'Door Bert' } });
    await context.setOffline(false);
    const asked = page.getByRole('dialog', { name: 'You both changed this (Dutch)' });
    await asked.getByRole('radio', { name: 'Yours' }).click();
    await asked.getByRole('button', { name: 'Save merged version' }).click();
    await expect.poll(async () => (await read('nl')).title).toBe('Door Anna');
    expect((await read('en')).title).toBe('Together');
  });

  test('one that was deleted meanwhile keeps what is written, and is made again', async () => {
    const { page, id, read } = await begin({ title: 'Here' }, { title: 'Hier', summary: 'Blijft' });
    await stage.api.admin('DELETE', `/content/${UPDATE}/${id}?locale=nl`);
    await dutch(page, 'Title').fill('Nog hier');
    const gone = page.getByRole('alert').filter({ hasText: 'Dutch was deleted in the meantime' });
    await gone.waitFor();
    expect(await allViolations(page)).toEqual([]);
    expect(await dutch(page, 'Title').inputValue()).toBe('Nog hier');
    await gone.getByRole('button', { name: 'Create Dutch again' }).click();
    await gone.waitFor({ state: 'detached' });
    await expect.poll(() => read('nl')).toMatchObject({ title: 'Nog hier', summary: 'Blijft' });
    expect((await read('en')).title).toBe('Here');
  });

  test('one that is refused or cannot be reached says so, and the other one is saved', async () => {
    const { page, read } = await begin({ title: 'Right' }, { title: 'Recht' });
    let answer: 'refuse' | 'away' = 'away';
    await page.route(isOfDutch, async (route) => {
      if (route.request().method() !== 'PUT') return route.continue();
      if (answer === 'away') return route.abort();
      return route.fulfill({
        status: 403,
        json: { data: null, error: { status: 403, name: 'ForbiddenError', message: 'Forbidden', details: {} } },
      });
    });
    await dutch(page, 'Title').fill('Ver weg');
    await english(page, 'Title').fill('Near');
    await stateOf(page, 'beside').getByText('Offline – kept on this device').waitFor();
    await expect.poll(async () => (await read('en')).title).toBe('Near');
    answer = 'refuse';
    await stateOf(page, 'beside').locator('[data-save="refused"]').waitFor();
    await page.getByRole('alert').filter({ hasText: 'Fix 1 problem (Dutch)' }).waitFor();
    expect(await dutch(page, 'Title').inputValue()).toBe('Ver weg');
    // On a later visit it is still there.
    await page.unroute(isOfDutch);
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    const found = page.getByRole('alert').filter({ hasText: 'There is unsaved work on this device (Dutch)' });
    await found.getByRole('button', { name: 'Restore it' }).click();
    await expect.poll(async () => (await read('nl')).title).toBe('Ver weg');
  });

  test('a language that is not there yet is made by what is typed in it', async () => {
    const { page, read } = await begin({ title: 'New' }, null);
    await page.getByText('There is no Dutch version yet.').waitFor();
    await dutch(page, 'Title').fill('Nieuw');
    await waitUntilSaved(page, 'beside');
    await page.getByRole('tab', { name: 'Dutch Draft' }).waitFor();
    expect(await read('nl')).toMatchObject({ title: 'Nieuw', happenedOn: '2026-03-01' });
    // Its tab swaps the two.
    await page.getByRole('tab', { name: /^Dutch/ }).click();
    await page.getByRole('region', { name: 'Dutch and English side by side' }).waitFor();
    expect(await english(page, 'Title').inputValue()).toBe('Nieuw');
    await page.getByRole('button', { name: 'Back to one language' }).click();
    await page.locator('[data-beside]').first().waitFor({ state: 'detached' });
  });

  test('what was written in only one of them since is marked', async () => {
    const { page, id } = await begin(
      { title: 'Shop', summary: 'From Monday on.' },
      { title: 'Straat', summary: 'Maandag' },
    );
    const bar = page.getByRole('region', { name: 'English and Dutch side by side' });
    // What it was translated from is not out of date by its translation.
    await bar.getByText('Both languages are up to date.').waitFor();
    const translated = Date.now();
    await expect.poll(() => Date.now()).toBeGreaterThan(translated);
    await stage.api.admin('PUT', `/content/${UPDATE}/${id}?locale=en`, { data: { summary: 'From Tuesday on.' } });
    await page.reload();
    await bar.getByText('Changed in English since it was written in Dutch:').waitFor();
    await page.getByText('English changed later').waitFor();
    await bar.getByRole('button', { name: 'Summary', exact: true }).click();
    await expect.poll(() => isFocused(dutch(page, 'Summary'))).toBe(true);
    await page.keyboard.type('Dinsdag');
    await page.getByText('English changed later').waitFor({ state: 'detached' });
    await waitUntilSaved(page, 'beside');
    await bar.getByText('Both languages are up to date.').waitFor();
  });

  test('on a phone a switch shows one of the two', async () => {
    const { page, visitor, read } = await begin({ title: 'Small' }, { title: 'Klein' });
    await page.setViewportSize({ width: 390, height: 844 });
    await english(page, 'Title').waitFor();
    await dutch(page, 'Title').waitFor({ state: 'hidden' });
    await page.getByRole('radiogroup', { name: 'Language shown' }).getByText('Dutch').click();
    await dutch(page, 'Title').fill('Heel klein');
    expect(await english(page, 'Title').isVisible()).toBe(false);
    expect(await page.locator('[data-field="happenedOn"]').isVisible()).toBe(true);
    await expect.poll(async () => (await read('nl')).title).toBe('Heel klein');
    expect(await allViolations(page)).toEqual([]);
    await visitor.picture('sides-phone');
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await visitor.scrollsSideways()).toBe(false);
  });

  test('an upload on one side says so there, and its language alone waits for it', async () => {
    made += 1;
    const { api } = stage;
    const seo = { metaTitle: 'Meta' };
    const data = { title: 'Pictures', slug: `sides-${made}`, body: 'Text', topic: 'people', seo };
    const id = await api.write(NEWS, data, 'en');
    await api.admin('PUT', `/content/${NEWS}/${id}?locale=nl`, {
      data: { ...data, title: 'Foto’s', slug: `zijden-${made}` },
    });
    const { page } = await stage.admin(`/content/${NEWS}/${id}?locale=en&beside=nl`);
    const arrive: (() => void)[] = [];
    const arrived = new Promise<void>((done) => arrive.push(done));
    await page.route('**/admin/api/upload/resumable/*', async (route) => {
      await arrived;
      await route.continue();
    });
    await dutch(page, 'Title').waitFor();
    await page
      .locator('[data-beside] [data-field="seo.shareImage"] input[type="file"]')
      .setInputFiles({ name: 'square.png', mimeType: 'image/png', buffer: png(40) });
    await stateOf(page, 'beside').getByText('Uploading a file…').waitFor();
    expect(await stateOf(page, 'open').getByText('Uploading a file…').count()).toBe(0);
    await page.getByRole('button', { name: 'Publish English', exact: true }).click();
    await page.getByText('Published (English)').waitFor();
    await stateOf(page, 'beside').getByText('Uploading a file…').waitFor();
    arrive[0]?.();
    const image = async () =>
      ((await api.entry(NEWS, id, '?locale=nl&populate=everything')).seo as { shareImage?: object } | null)?.shareImage;
    await expect.poll(image).toBeTruthy();
  });
});
