// @module-tag full
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, allViolations, png, startStage, TOKENS, withAdmin } from './harness';

const UID = 'api::news.news';
const PIECES = '**/admin/api/upload/resumable/*';

/** What a proxy says that takes no larger requests. */
const PROXY_PAGE = '<html><head><title>413</title></head><body><center>nginx</center></body></html>';

/**
 * Lets 99 % of the first piece through to the server, which keeps it, and answers as a proxy that cut it off. Answers the offsets that the next
 * pieces begin at.
 */
async function cutOff(context: BrowserContext, bytes: Buffer): Promise<{ cut: number; offsets: number[] }> {
  const cut = Math.floor(bytes.length * 0.99);
  const offsets: number[] = [];
  let isFirst = true;
  await context.route(PIECES, async (route) => {
    const request = route.request();
    if (request.method() !== 'PATCH') return route.fallback();
    offsets.push(Number(request.headers()['upload-offset']));
    if (!isFirst) return route.fallback();
    isFirst = false;
    const { 'content-length': _, ...headers } = request.headers();
    const kept = await route.fetch({ headers, postData: bytes.subarray(0, cut) });
    expect(kept.headers()['upload-offset']).toBe(String(cut));
    return route.fulfill({ status: 413, contentType: 'text/html', body: PROXY_PAGE });
  });
  return { cut, offsets };
}

const choose = (page: Page, input: string, name: string, buffer: Buffer) =>
  page.locator(input).setInputFiles({ name, mimeType: 'image/png', buffer });

describe('an upload that fails at 99 %', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  test('in an entry is told in words, holds up no text, and goes on from there', async () => {
    const id = await stage.api.write(UID, { title: 'Quay', slug: 'quay', body: 'Body', topic: 'people' });
    const { page, context } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const bytes = png(77);
    const { cut, offsets } = await cutOff(context, bytes);
    await choose(page, '[data-field="cover"] input[type="file"]', 'quay.png', bytes);
    const field = page.locator('[data-field="cover"]');
    await field
      .getByText('This is too large. Send less at once, or ask your administrator to raise the limit.')
      .waitFor();
    expect(await page.getByText(/tus:|nginx|resumable/).count()).toBe(0);
    expect(await allViolations(page)).toEqual([]);
    // The text beside it is saved all the same.
    await page.getByRole('textbox', { name: 'Title', exact: true }).fill('Quay at dawn');
    await expect.poll(async () => (await stage.api.entry(UID, id)).title).toBe('Quay at dawn');

    await field.getByRole('button', { name: 'Try quay.png again' }).click();
    await field.getByRole('button', { name: 'Remove quay.png' }).waitFor();
    expect(offsets).toEqual([0, cut]);
    const cover = async () => (await stage.api.entry(UID, id, '?populate=cover')).cover;
    await expect.poll(cover).toMatchObject({ name: 'quay.png' });
    expect(await field.getByRole('button', { name: 'Try quay.png again' }).count()).toBe(0);
  });

  test('while it is to be published is not published without its file', async () => {
    const id = await stage.api.write(UID, { title: 'Ferry', slug: 'ferry', body: 'Body', topic: 'people' });
    const { page, context } = await stage.as(ADMIN, `/content/${UID}/${id}`);
    const held: (() => void)[] = [];
    const isAsked = new Promise<void>((go) => held.push(go));
    await context.route(PIECES, async (route) => {
      await isAsked;
      return route.fulfill({ status: 413, contentType: 'text/html', body: PROXY_PAGE });
    });
    await choose(page, '[data-field="cover"] input[type="file"]', 'ferry.png', png(78));
    await page.getByText('Uploading a file…').waitFor();
    await page.keyboard.press('ControlOrMeta+Shift+p');
    await page.getByText('Publishing once the upload is done…').first().waitFor();
    held[0]?.();
    await page.getByText('Not published: a file couldn’t be uploaded.').first().waitFor();
    expect((await stage.api.ask('GET', `/api/news-items/${id}`)).status).toBe(404);
    await context.unroute(PIECES);
    await page.getByRole('button', { name: 'Try ferry.png again' }).click();
    await page.getByRole('button', { name: 'Remove ferry.png' }).waitFor();
    await page.keyboard.press('ControlOrMeta+Shift+p');
    await page.getByText('Published', { exact: true }).first().waitFor();
    const { data } = await stage.api.ask<{ cover: object }>('GET', `/api/news-items/${id}?populate=cover`);
    expect(data.cover).toMatchObject({ name: 'ferry.png' });
  });

  test('in the library, in Dutch, goes on from there', async () => {
    const { page, context } = await stage.as(ADMIN, '/media', { locale: 'nl-NL' });
    const bytes = png(79);
    const { cut, offsets } = await cutOff(context, bytes);
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Uploaden' }).first().click(),
    ]);
    await chooser.setFiles([{ name: 'haven.png', mimeType: 'image/png', buffer: bytes }]);
    await page.getByText('Dit is te groot. Stuur minder tegelijk').waitFor();
    expect(await page.getByText(/tus:|nginx|resumable/).count()).toBe(0);
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'haven.png opnieuw proberen' }).click();
    await page
      .getByRole('list')
      .getByRole('link', { name: /^haven\.png/ })
      .first()
      .waitFor();
    expect(offsets).toEqual([0, cut]);
  });
});
