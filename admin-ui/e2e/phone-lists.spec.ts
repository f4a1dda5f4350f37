// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, png, startStage, TOKENS, withAdmin } from './harness';

const UID = 'api::news.news';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const ENTRIES = 120;

describe('lists on a phone', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }),
  });

  beforeAll(async () => {
    const numbers = Array.from({ length: ENTRIES }, (_, at) => String(at).padStart(3, '0'));
    await Promise.all(
      numbers.map((number) =>
        stage.api.write(UID, { title: `Story ${number}`, slug: `story-${number}`, body: number, topic: 'people' }),
      ),
    );
    const [{ documentId } = { documentId: '' }] = await stage.api.admin<{ documentId: string }[]>(
      'GET',
      `/content/${UID}?filters[title][$eq]=Story%20000`,
    );
    await stage.api.admin('PUT', `/content/${UID}/${documentId}?locale=nl`, {
      data: { title: 'Verhaal 000', slug: 'verhaal-000', body: 'Nul' },
    });
    await stage.api.admin('POST', `/content/${UID}/${documentId}/actions/publish?locale=en`, {});
  });

  test('are cards with title, first columns, state, languages and time, of as many entries as there are', async () => {
    const visitor = await stage.as(ADMIN, `/content/${UID}?sort=title:asc`, PHONE);
    const { page } = visitor;
    const cards = page.getByRole('list', { name: 'News' });
    const first = cards.getByRole('listitem').filter({ hasText: 'Story 000' });
    await first.getByText('Published', { exact: true }).waitFor();
    await first.getByRole('link', { name: /nl/ }).waitFor();
    expect(await first.getByRole('term').allTextContents()).toEqual(['Topic']);
    expect(await first.getByRole('definition').allTextContents()).toEqual(['people']);
    expect(await first.locator('time').getAttribute('datetime')).toMatch(/^\d{4}-/);
    expect(await page.getByRole('grid').count()).toBe(0);
    expect(await visitor.scrollsSideways()).toBe(false);
    expect(await allViolations(page)).toEqual([]);
    await visitor.picture('phone-list');
    // The last ones come when they are scrolled to, from a page of their own.
    await cards.evaluate((list) => list.parentElement?.scrollTo(0, list.scrollHeight));
    await cards.getByRole('link', { name: 'Story 119' }).waitFor();
    expect(await cards.getByRole('listitem').last().getAttribute('aria-posinset')).toBe(String(ENTRIES));
  });

  test('are selected by touch, and what is selected is changed together', async () => {
    const { page } = await stage.as(ADMIN, `/content/${UID}?sort=title:asc`, PHONE);
    const cards = page.getByRole('list', { name: 'News' });
    for (const title of ['Story 001', 'Story 002']) await cards.getByLabel(`Select ${title}`).tap();
    const bar = page.getByRole('toolbar').filter({ hasText: '2 selected' });
    expect(await allViolations(page)).toEqual([]);
    await bar.getByRole('button', { name: 'Publish', exact: true }).tap();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /Publish/ })
      .tap();
    for (const title of ['Story 001', 'Story 002'])
      await cards.getByRole('listitem').filter({ hasText: title }).getByText('Published', { exact: true }).waitFor();
    // A card is opened by its title, and its own menu is as large as a thumb.
    const box = await cards.getByRole('button', { name: /Story 003/ }).boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    await cards.getByRole('link', { name: 'Story 003' }).tap();
    await page.getByRole('heading', { name: 'Story 003', level: 1 }).waitFor();
  });

  test('are ordered where they have no headings, in Dutch and in the dark', async () => {
    const visitor = await stage.as(ADMIN, `/content/${UID}`, {
      viewport: PHONE.viewport,
      locale: 'nl-NL',
      colorScheme: 'dark',
    });
    const { page } = visitor;
    await page.getByRole('button', { name: 'Weergave', exact: true }).click();
    await page.getByRole('combobox', { name: 'Sorteren op' }).click();
    await page.getByRole('option', { name: 'Title, aflopend' }).click();
    await page.keyboard.press('Escape');
    await expect
      .poll(() => page.getByRole('list', { name: 'News' }).locator('[data-title]').first().textContent())
      .toBe('Story 119');
    expect(await allViolations(page)).toEqual([]);
    await visitor.picture('phone-list-dark');
  });

  test('the calendar begins as an agenda, and a file fits the screen', async () => {
    const visitor = await stage.as(ADMIN, '/calendar', PHONE);
    const { page } = visitor;
    await page.getByRole('radio', { name: 'List' }).waitFor({ state: 'attached' });
    expect(await page.getByRole('radio', { name: 'List' }).isChecked()).toBe(true);
    await page.getByRole('region').getByRole('link', { name: 'Story 000' }).first().waitFor();
    expect(await visitor.scrollsSideways()).toBe(false);
    await stage.api.upload('factory.png', png(80));
    await visitor.open('/media');
    await page.getByText('factory.png').first().tap();
    const drawer = page.getByRole('dialog', { name: 'factory.png' });
    await drawer.getByRole('button', { name: 'Close' }).waitFor();
    const box = await drawer.boundingBox();
    expect(box?.width).toBeLessThanOrEqual(PHONE.viewport.width);
    expect(await visitor.scrollsSideways()).toBe(false);
    expect(await allViolations(page)).toEqual([]);
  });
});
