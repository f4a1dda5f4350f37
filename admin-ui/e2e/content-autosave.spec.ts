// @module-tag full
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { ADMIN, png, User, startStage, TOKENS, withAdmin } from './harness';

const UID = 'api::news.news';

/** What somebody types in a minute, at ten characters a second. */
const MINUTE = 'The line stood still for an hour. '.repeat(18).slice(0, 600);

const body = (page: Page) => page.getByRole('textbox', { name: 'Body' });
const waitUntilSaved = (page: Page) => page.locator('[data-save="saved"]').filter({ hasText: /\d/ }).waitFor();

describe.each(['mouse', 'keyboard'] as const)('autosave, by %s', (way) => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

  async function entry(title: string) {
    const id = await stage.api.write(UID, { title, slug: title.toLowerCase(), body: 'First.', topic: 'people' });
    const visitor = await stage.as(ADMIN, `/content/${UID}/${id}`);
    return { id, visitor, page: visitor.page, user: new User(visitor.page, way) };
  }

  /** Opens the entry again and takes what this device has kept. */
  async function recover(page: Page): Promise<void> {
    await page.getByText('There is unsaved work on this device').waitFor();
    await new User(page, way).use(page.getByRole('button', { name: 'Restore it' }));
    await waitUntilSaved(page);
  }

  test('a minute of typing survives a network failure and is one entry of the history', async () => {
    const { id, visitor, page, user } = await entry('Cut');
    await user.enter(body(page));
    await user.press('ControlOrMeta+End');
    await user.type(` ${MINUTE.slice(0, 300)}`);
    await waitUntilSaved(page);
    await visitor.context.setOffline(true);
    await user.type(MINUTE.slice(300));
    await page.locator('[data-save="offline"]').getByText('Offline – kept on this device').waitFor();
    // Nothing is left to reload from: the browser shows a page of its own, until somebody opens the entry anew.
    const gone = page.waitForEvent('framenavigated');
    await page.reload().catch(() => undefined);
    await gone;
    await page.close();
    await visitor.context.setOffline(false);
    const next = await visitor.context.newPage();
    await next.goto(`/admin/content/${UID}/${id}`);
    await body(next).waitFor();
    // The page may have got it through on its way out; otherwise this device has it.
    if (!String((await stage.api.entry(UID, id)).body).endsWith(MINUTE)) await recover(next);
    expect(await body(next).inputValue()).toBe(`First. ${MINUTE}`);
    expect(await stage.api.entry(UID, id)).toMatchObject({ body: `First. ${MINUTE}`, title: 'Cut' });
    const history = await stage.api.admin<{ actor: { name: string } }[]>(
      'GET',
      `/history?type=${UID}&documentId=${id}&locale=en`,
    );
    expect(history.filter(({ actor }) => actor.name === ADMIN.email)).toHaveLength(1);
  });

  test.each(['closed', 'crashed'] as const)('text typed in a tab survives when the tab is %s', async (how) => {
    const { id, visitor, page, user } = await entry(`Tab ${how}`);
    await visitor.context.setOffline(true);
    await user.enter(body(page));
    await user.press('ControlOrMeta+End');
    await user.type(' Second.');
    await page.locator('[data-save="offline"]').waitFor();
    if (how === 'closed') await page.close({ runBeforeUnload: false });
    else await crash(page);
    await visitor.context.setOffline(false);
    const next = await visitor.context.newPage();
    await next.goto(`/admin/content/${UID}/${id}`);
    await recover(next);
    expect(await body(next).inputValue()).toBe('First. Second.');
    expect(await stage.api.entry(UID, id)).toMatchObject({ body: 'First. Second.' });
    // What has arrived is not offered a second time.
    await next.reload();
    await body(next).waitFor();
    expect(await next.getByText('There is unsaved work on this device').count()).toBe(0);
  });

  test('saved changes are not offered again, even if the response was lost', async () => {
    const { id, visitor, page, user } = await entry('Unheard');
    await visitor.context.route('**/admin/api/content/**', async (route) => {
      if (route.request().method() !== 'PUT') return route.continue();
      await route.fetch();
      return route.abort();
    });
    await user.enter(body(page));
    await user.press('ControlOrMeta+End');
    await user.type(' Second.');
    await page.locator('[data-save="offline"]').waitFor();
    await page.close();
    const next = await visitor.context.newPage();
    await next.goto(`/admin/content/${UID}/${id}`);
    await expect.poll(() => body(next).inputValue()).toBe('First. Second.');
    expect(await next.getByText('There is unsaved work on this device').count()).toBe(0);
  });

  test('publishing without a connection is refused in words, and works once it is back', async () => {
    const { id, visitor, page, user } = await entry('Away');
    await visitor.context.setOffline(true);
    await user.enter(body(page));
    await user.press('ControlOrMeta+End');
    await user.type(' Second.');
    await user.press('ControlOrMeta+Shift+p');
    const refused = page.getByRole('alert').filter({ hasText: 'Couldn’t publish: the server can’t be reached.' });
    await refused.waitFor();
    await visitor.context.setOffline(false);
    await waitUntilSaved(page);
    expect(await stage.api.entry(UID, id)).toMatchObject({ body: 'First. Second.' });
    // Nothing is made up for later: it is published when somebody says so.
    expect(await page.getByText('Published', { exact: true }).count()).toBe(0);
    await user.press('ControlOrMeta+Shift+p');
    await page.getByText('Published', { exact: true }).first().waitFor();
  });

  test('an entry that is published while a file is uploaded has the file', async () => {
    const { id, visitor, page, user } = await entry('Upload');
    const arrive: (() => void)[] = [];
    const arrived = new Promise<void>((done) => arrive.push(done));
    await visitor.context.route('**/admin/api/upload/resumable/*', async (route) => {
      await arrived;
      await route.continue();
    });
    await page.locator('[data-field="cover"] input[type="file"]').setInputFiles({
      name: 'cover.png',
      mimeType: 'image/png',
      buffer: Buffer.from(png(60)),
    });
    await page.getByText('Uploading a file…').waitFor();
    await user.press('ControlOrMeta+Shift+p');
    await page.getByText('Publishing once the upload is done…').first().waitFor();
    arrive[0]?.();
    await page.getByText('Published', { exact: true }).first().waitFor();
    const { data } = await stage.api.ask<{ cover: { name: string } | null }>(
      'GET',
      `/api/news-items/${id}?populate=cover`,
    );
    expect(data.cover?.name).toBe('cover.png');
  });

  test('changes typed while the server is down are saved when it is back', async () => {
    const { id, page, user } = await entry('Killed');
    await user.enter(body(page));
    await user.press('ControlOrMeta+End');
    await user.type(' Before.');
    await stage.server.kill();
    await user.type(' Meanwhile.');
    await page.locator('[data-save="offline"]').waitFor();
    await user.type(' After.');
    await stage.server.launch();
    await waitUntilSaved(page);
    expect(await stage.api.entry(UID, id)).toMatchObject({ body: 'First. Before. Meanwhile. After.' });
    expect(await body(page).inputValue()).toBe('First. Before. Meanwhile. After.');
  });
});

/** Ends the process that draws the page. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const debug = await page.context().newCDPSession(page);
  void debug.send('Page.crash').catch(() => undefined);
  await crashed;
  await page.close();
}
