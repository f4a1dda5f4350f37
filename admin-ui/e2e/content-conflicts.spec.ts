// @module-tag postgresql
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { contrastRatio } from '@/ui/palette';
import { ADMIN, BERT, User, startStage, TOKENS, allViolations, withAdmin } from './harness';
import { extendLimit } from './harness/patience';

const UID = 'api::news.news';

const waitUntilSaved = (page: Page) => page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();

/** Contrast of the text of a field, which is not see-through. */
async function contrastOf(field: Locator): Promise<number> {
  const { colours, opacity } = await field.evaluate((element) => {
    const style = getComputedStyle(element);
    return { colours: [style.color, style.backgroundColor], opacity: style.opacity };
  });
  expect(opacity).toBe('1');
  const [text = '', ground = ''] = colours.map((rgb) => {
    const parts = rgb.match(/\d+/g) ?? [];
    return `#${parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
  });
  return contrastRatio(text, ground) ?? 0;
}

describe.each(['mouse', 'keyboard'] as const)('two people edit one entry, by %s', (way) => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin(TOKENS, [{ ...BERT, roles: ['super-admin'] }]),
  });

  async function both(title: string) {
    const id = await stage.api.write(UID, {
      title,
      // Written by hand, so that it does not follow the title.
      slug: `by-hand-${title.toLowerCase()}`,
      summary: 'As it was',
      body: 'As it was',
      topic: 'people',
    });
    const anna = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const bert = await stage.as(BERT, `/content/${UID}/${id}`);
    return {
      id,
      anna: { ...anna, user: new User(anna.page, way) },
      bert: { ...bert, user: new User(bert.page, way) },
    };
  }

  test('changes of different fields are merged automatically', async () => {
    const { id, anna, bert } = await both('Apart');
    await anna.user.write(anna.page.getByRole('textbox', { name: 'Title' }), 'By Anna');
    await bert.user.write(bert.page.getByRole('textbox', { name: 'Summary' }), 'By Bert');
    await Promise.all([waitUntilSaved(anna.page), waitUntilSaved(bert.page)]);
    await expect
      .poll(() => stage.api.entry(UID, id))
      .toMatchObject({ title: 'By Anna', summary: 'By Bert', body: 'As it was' });
    expect(await anna.page.getByRole('dialog').count()).toBe(0);
    expect(await bert.page.getByRole('dialog').count()).toBe(0);
    // Whoever saved last sees what the other wrote.
    const titles = await Promise.all(
      [anna, bert].map(({ page }) => page.getByRole('textbox', { name: 'Title' }).inputValue()),
    );
    expect(titles).toContain('By Anna');
  });

  test('a conflict in one field shows three versions, and nothing is lost', async () => {
    const { id, anna, bert } = await both('Together');
    await anna.context.setOffline(true);
    await anna.user.write(anna.page.getByRole('textbox', { name: 'Title' }), 'Title by Anna');
    await anna.user.write(anna.page.getByRole('textbox', { name: 'Summary' }), 'Summary by Anna');
    await anna.page.locator('[data-save="offline"]').waitFor();
    await bert.user.write(bert.page.getByRole('textbox', { name: 'Title' }), 'Title by Bert');
    await bert.user.press('ControlOrMeta+s');
    await waitUntilSaved(bert.page);
    await anna.context.setOffline(false);

    const dialog = anna.page.getByRole('dialog', { name: 'You both changed this' });
    await dialog.waitFor();
    for (const side of ['Together', 'Title by Anna', 'Title by Bert'])
      await dialog.getByText(side, { exact: true }).waitFor();
    // Only what both changed is asked for.
    expect(await dialog.getByRole('radiogroup').count()).toBe(1);
    expect(await allViolations(anna.page)).toEqual([]);
    // It cannot be closed by mistake.
    await anna.page.keyboard.press('Escape');
    await anna.user.use(dialog.getByRole('radio', { name: 'Yours' }));
    await anna.user.use(dialog.getByRole('button', { name: 'Save merged version' }));
    await dialog.waitFor({ state: 'detached' });
    await waitUntilSaved(anna.page);
    expect(await stage.api.entry(UID, id)).toMatchObject({ title: 'Title by Anna', summary: 'Summary by Anna' });

    // What was not chosen can still be had back.
    if (way === 'mouse') await anna.user.use(anna.page.getByRole('button', { name: 'Undo', exact: true }));
    else await anna.user.press('ControlOrMeta+z');
    await expect.poll(() => anna.page.getByRole('textbox', { name: 'Title' }).inputValue()).toBe('Title by Bert');
    const history = await stage.api.admin<{ actor: { name: string } }[]>(
      'GET',
      `/history?type=${UID}&documentId=${id}&locale=en`,
    );
    expect(history.map(({ actor }) => actor.name)).toContain(BERT.firstName);
  });

  test('an entry with the title of another one gets a free slug, and a typed one that is taken is pointed out', async () => {
    await stage.api.write(UID, { title: 'Twice', slug: 'twice', body: 'The first', topic: 'people' });
    const { page } = await stage.as(ADMIN, `/content/${UID}/create`);
    const user = new User(page, way);
    const slug = page.getByRole('textbox', { name: 'Slug' });
    await user.write(page.getByRole('textbox', { name: 'Title' }), 'Twice');
    await expect.poll(() => slug.inputValue()).toBe('twice-2');
    await page.waitForURL((url) => !url.pathname.endsWith('/create'));
    await waitUntilSaved(page);
    await user.write(slug, 'twice');
    await page.locator('[data-field="slug"]').getByText('Another entry already has this value.').waitFor();
    expect(await slug.inputValue()).toBe('twice');
    expect(await allViolations(page)).toEqual([]);
    // The slug would be back at its saved value otherwise, which is not saved again.
    await waitUntilSaved(page);
    await user.use(page.getByRole('button', { name: 'Use twice-2' }));
    await expect.poll(() => slug.inputValue()).toBe('twice-2');
    await waitUntilSaved(page);
    const { data } = await stage.api.ask<{ slug: string }[]>(
      'GET',
      `/admin/api/content/${UID}?filters[title]=Twice&sort=slug`,
    );
    expect(data.map((entry) => entry.slug)).toEqual(['twice', 'twice-2']);
  });

  test('a field is locked by the person in it, and can be taken over', async () => {
    const { id, anna, bert } = await both('Held');
    await anna.user.enter(anna.page.getByRole('textbox', { name: 'Title' }));
    // Tokens are not told who is where.
    const person = await stage.api.as(ADMIN);
    await expect
      .poll(() => person.admin('GET', `/presence?type=${UID}&documentId=${id}&locale=en`))
      .toContainEqual(expect.objectContaining({ field: 'title', holds: true }));
    await bert.page.reload();
    const field = bert.page.getByRole('textbox', { name: 'Title' });
    await bert.page.getByRole('button', { name: 'Take over' }).waitFor();
    expect(await field.isDisabled()).toBe(true);
    // Nothing checks the contrast of what is disabled; it is read all the same.
    expect(await contrastOf(field)).toBeGreaterThan(4.5);
    expect(await allViolations(bert.page)).toEqual([]);
    await bert.user.use(bert.page.getByRole('button', { name: 'Take over' }));
    // Who is where is told every twenty seconds, if it got lost before.
    await expect.poll(() => field.isDisabled(), { timeout: extendLimit(25_000) }).toBe(false);
    await bert.user.write(field, 'Taken over');
    await waitUntilSaved(bert.page);
    expect(await stage.api.entry(UID, id)).toMatchObject({ title: 'Taken over' });
  });
});
