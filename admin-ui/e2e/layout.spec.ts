// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, BERT, startStage, TOKENS, withAdmin } from './harness';

const UID = 'api::news.news';
const TITLES = [
  'Short',
  'A title that goes on for a while about the opening of the new workshop in the harbour of Rotterdam',
];
const PHONE = { width: 390, height: 844 };

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

  test.each(['en-GB', 'nl-NL'])('the bar of the editor has two rows on a phone, in %s', async (locale) => {
    const { page, context } = await stage.as(ADMIN, `/content/${UID}/${id}`, { viewport: PHONE, locale });
    const save = page.locator('[data-save="saved"]');
    await save.waitFor();
    const bar = await save.locator('..').boundingBox();
    expect(bar?.height).toBeLessThan(100);
    const panels = page.getByRole('complementary').getByRole('tab');
    await expect.poll(() => panels.count()).toBe(5);
    for (const name of await panels.allInnerTexts()) expect(name).toMatch(/\w{4}/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(PHONE.width);
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
});
