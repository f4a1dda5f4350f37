import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, BERT, Hands, stage, TOKENS, violationsForEverybody, withAdmin } from './harness';

const UID = 'api::news.news';

const saved = (page: Page) => page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();

describe.each(['mouse', 'keyboard'] as const)('two people edit one entry, by %s', (way) => {
  const here = stage({
    contentTypes: 'content-types',
    settings: withAdmin(TOKENS, [{ ...BERT, roles: ['super-admin'] }]),
  });

  async function both(title: string) {
    const id = await here.api.write(UID, {
      title,
      slug: title.toLowerCase(),
      summary: 'As it was',
      body: 'As it was',
      topic: 'people',
    });
    const anna = await here.as(ADMIN, `/content/${UID}/${id}`);
    const bert = await here.as(BERT, `/content/${UID}/${id}`);
    return {
      id,
      anna: { ...anna, hands: new Hands(anna.page, way) },
      bert: { ...bert, hands: new Hands(bert.page, way) },
    };
  }

  test('different fields are put together by themselves', async () => {
    const { id, anna, bert } = await both('Apart');
    await anna.hands.write(anna.page.getByRole('textbox', { name: 'Title' }), 'By Anna');
    await bert.hands.write(bert.page.getByRole('textbox', { name: 'Summary' }), 'By Bert');
    await Promise.all([saved(anna.page), saved(bert.page)]);
    await expect
      .poll(() => here.api.entry(UID, id))
      .toMatchObject({ title: 'By Anna', summary: 'By Bert', body: 'As it was' });
    expect(await anna.page.getByRole('dialog').count()).toBe(0);
    expect(await bert.page.getByRole('dialog').count()).toBe(0);
    // Whoever saved last sees what the other wrote.
    const titles = await Promise.all(
      [anna, bert].map(({ page }) => page.getByRole('textbox', { name: 'Title' }).inputValue()),
    );
    expect(titles).toContain('By Anna');
  });

  test('the same field is shown three ways, and nothing is lost', async () => {
    const { id, anna, bert } = await both('Together');
    await anna.context.setOffline(true);
    await anna.hands.write(anna.page.getByRole('textbox', { name: 'Title' }), 'Title by Anna');
    await anna.hands.write(anna.page.getByRole('textbox', { name: 'Summary' }), 'Summary by Anna');
    await anna.page.locator('[data-save="offline"]').waitFor();
    await bert.hands.write(bert.page.getByRole('textbox', { name: 'Title' }), 'Title by Bert');
    await bert.hands.press('ControlOrMeta+s');
    await saved(bert.page);
    await anna.context.setOffline(false);

    const dialog = anna.page.getByRole('dialog', { name: 'Two people changed the same' });
    await dialog.waitFor();
    for (const side of ['Together', 'Title by Anna', 'Title by Bert'])
      await dialog.getByText(side, { exact: true }).waitFor();
    // Only what both changed is asked for.
    expect(await dialog.getByRole('radiogroup').count()).toBe(1);
    expect(await violationsForEverybody(anna.page)).toEqual([]);
    // It cannot be closed by mistake.
    await anna.page.keyboard.press('Escape');
    await anna.hands.use(dialog.getByRole('radio', { name: 'Yours' }));
    await anna.hands.use(dialog.getByRole('button', { name: 'Save like this' }));
    await dialog.waitFor({ state: 'detached' });
    await saved(anna.page);
    expect(await here.api.entry(UID, id)).toMatchObject({ title: 'Title by Anna', summary: 'Summary by Anna' });

    // What was not chosen can still be had back.
    if (way === 'mouse') await anna.hands.use(anna.page.getByRole('button', { name: 'Undo', exact: true }));
    else await anna.hands.press('ControlOrMeta+z');
    await expect.poll(() => anna.page.getByRole('textbox', { name: 'Title' }).inputValue()).toBe('Title by Bert');
    const history = await here.api.admin<{ actor: { name: string } }[]>(
      'GET',
      `/history?type=${UID}&documentId=${id}&locale=en`,
    );
    expect(history.map(({ actor }) => actor.name)).toContain(BERT.email);
  });

  test('who is in a field holds it, and can be taken over from', async () => {
    const { id, anna, bert } = await both('Held');
    await anna.hands.enter(anna.page.getByRole('textbox', { name: 'Title' }));
    await anna.page.waitForLoadState('networkidle');
    await bert.page.reload();
    const field = bert.page.getByRole('textbox', { name: 'Title' });
    await bert.page.getByRole('button', { name: 'Take over' }).waitFor();
    expect(await field.isDisabled()).toBe(true);
    expect(await violationsForEverybody(bert.page)).toEqual([]);
    await bert.hands.use(bert.page.getByRole('button', { name: 'Take over' }));
    await expect.poll(() => field.isDisabled(), { timeout: 10_000 }).toBe(false);
    await bert.hands.write(field, 'Taken over');
    await saved(bert.page);
    expect(await here.api.entry(UID, id)).toMatchObject({ title: 'Taken over' });
  });
});
