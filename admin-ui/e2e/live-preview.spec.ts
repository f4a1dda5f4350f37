import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, withAdmin } from './harness';
import { waitForValue } from './harness/patience';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/live-preview');
const ARTICLE = 'api::article.article';
const AUTHOR = 'api::author.author';

interface Example {
  startSite: (options: { cms: () => string }) => Promise<Server>;
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** A page of another origin, which tells whoever frames it, and the window around all, what the script of a site tells the admin. */
async function startHostileSite(): Promise<Server> {
  const server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://hostile');
    const [source, framed] = [searchParams.get('source') ?? '', searchParams.get('frame') ?? ''];
    const documentId = new URLSearchParams(source).get('documentId') ?? '';
    const value = { documentId, path: 'title', from: 'Stones', to: 'Broken' };
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(`<!doctype html><html lang="en"><title>Hostile</title>
      ${framed ? `<iframe src="${framed.replaceAll('&', '&amp;')}"></iframe>` : ''}<script>
      const say = (window) => {
        for (const message of [
          { type: 'cairn:hello' }, { type: 'cairn:open', source: ${JSON.stringify(source)} },
          { type: 'cairn:connected' }, { type: 'cairn:values', values: [${JSON.stringify(value)}] },
          { type: 'strapiUpdate' },
        ]) window.postMessage(message, '*');
      };
      window.heard = [];
      addEventListener('message', ({ data, source }) => source !== window && heard.push(data.type));
      setInterval(() => { say(parent); say(top); if (frames[0]) say(frames[0]); window.said = true; }, 50);
      </script></html>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

const paragraph = (text: string) => [{ type: 'paragraph', children: [{ type: 'text', text }] }];

/** The path of the field that has the focus. */
const focusedPath = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-field]')?.dataset.field ?? '');

/** The frame with an address, once it is there; `parent`: the one that has to be around it. */
const findFrame = (page: Page, address: string, parent?: Frame): Promise<Frame> =>
  waitForValue(async () =>
    page.frames().find((frame) => frame.url() === address && (!parent || frame.parentFrame() === parent)),
  );

describe('a live preview', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cairn-e2e-types-'));
  let site: Server;
  let hostile: Server;
  let author: string;

  beforeAll(async () => {
    const { startSite } = (await import(pathToFileURL(join(EXAMPLE, 'site.mjs')).href)) as Example;
    site = await startSite({ cms: () => stage.server.base });
    hostile = await startHostileSite();
    cpSync(join(EXAMPLE, 'content-types'), folder, { recursive: true });
    const schema = join(folder, 'api/article/content-types/article/schema.json');
    writeFileSync(schema, readFileSync(schema, 'utf8').replace('http://127.0.0.1:4321', addressOf(site)));
  });

  const settings = JSON.parse(readFileSync(join(EXAMPLE, 'settings.json'), 'utf8')) as object;
  const stage = startStage({ contentTypes: relative(ROOT, folder), settings: withAdmin({ ...TOKENS, ...settings }) });

  beforeAll(async () => {
    author = await stage.api.write(AUTHOR, { name: 'Anna' });
  });

  afterAll(() => {
    site.close();
    hostile.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a new article with its preview. */
  async function openArticle() {
    const article = await stage.api.write(ARTICLE, {
      title: 'Stones',
      lead: 'A heap of them',
      author,
      zone: [
        { __component: 'block.text', heading: 'Beginning', text: paragraph('One on the other') },
        { __component: 'block.quote', quote: 'Leave no stone', by: 'A saying' },
      ],
    });
    const visitor = await stage.as(ADMIN, `/content/${ARTICLE}/${article}?preview=true`);
    const { page } = visitor;
    const shown = page.frameLocator('iframe[title="Preview"]');
    // Connected: marked texts can have the focus.
    await shown.locator('h1[tabindex="0"]').waitFor();
    return { article, visitor, page, shown };
  }

  const frameOf = (page: Page): Frame => {
    const frame = page.frames().find((each) => each.url().startsWith(addressOf(site)));
    if (!frame) throw new Error('the site is not framed');
    return frame;
  };

  test('opens the field of the text that is clicked, by mouse and by keyboard', async () => {
    const { visitor, page, shown } = await openArticle();
    await shown.getByRole('heading', { name: 'Stones' }).click();
    await expect.poll(() => focusedPath(page)).toBe('title');
    // In a component, which is closed at first.
    await shown.getByText('Leave no stone').click();
    await expect.poll(() => focusedPath(page)).toMatch(/^zone\.#.+\.quote$/);
    await shown.getByText('One on the other').click();
    await expect.poll(() => focusedPath(page)).toMatch(/^zone\.#.+\.text$/);
    await shown.getByText('A heap of them').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => focusedPath(page)).toBe('lead');
    // Nothing of the marks is in what is shown, or copied.
    expect(await frameOf(page).evaluate(() => /[\u200b-\u200d\ufeff]/.test(document.documentElement.outerHTML))).toBe(
      false,
    );
    await visitor.picture('live-preview');
    expect(await allViolations(page)).toEqual([]);
  });

  test('follows links, and opens their field when they are clicked twice', async () => {
    const { page, shown } = await openArticle();
    await shown.getByRole('link', { name: 'Anna' }).dblclick();
    // It is another entry's: the editor is asked.
    await page.getByText('This text belongs to another entry (Author).').waitFor();
    await shown.getByRole('link', { name: 'Anna' }).click();
    await shown.getByRole('heading', { name: 'Articles' }).waitFor();
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.locator('input[value="Anna"]').waitFor();
    await expect.poll(() => focusedPath(page)).toBe('name');
  });

  test('shows plain texts while they are typed, and the rest when it is saved', async () => {
    const { article, page, shown } = await openArticle();
    await frameOf(page).evaluate(() => {
      document.documentElement.dataset.before = '';
    });
    const isSamePage = () => frameOf(page).evaluate(() => 'before' in document.documentElement.dataset);
    await page.locator('[data-field="title"] input').fill('<b>Cairns</b>');
    await shown.getByRole('heading', { name: '<b>Cairns</b>' }).waitFor();
    await shown.getByText('Leave no stone').click();
    await expect.poll(() => focusedPath(page)).toMatch(/\.quote$/);
    await page.keyboard.press('End');
    await page.keyboard.type(' unturned');
    await shown.getByText('Leave no stone unturned').waitFor();
    // Saved, and still the same page.
    const saved = async () => (await stage.api.entry(ARTICLE, article)).title;
    await expect.poll(saved, { timeout: 30_000 }).toBe('<b>Cairns</b>');
    expect(await isSamePage()).toBe(true);
    // A formatted text has another form on the page.
    await shown.getByText('One on the other').click();
    await expect.poll(() => focusedPath(page)).toMatch(/\.text$/);
    await page.keyboard.press('End');
    await page.keyboard.type(' one');
    await shown.getByText('One on the other one').waitFor();
    await shown.getByRole('heading', { name: '<b>Cairns</b>' }).waitFor();
    expect(await isSamePage()).toBe(false);
  });

  test('ignores pages of other origins', async () => {
    const { article, page } = await openArticle();
    const source = `documentId=${article}&type=string&path=title&model=${encodeURIComponent(ARTICLE)}`;
    const evil = `${addressOf(hostile)}/?source=${encodeURIComponent(source)}`;
    const address = frameOf(page).url();
    const untouched = async (frame: Frame) => {
      await frame.waitForFunction('window.said');
      await page.waitForTimeout(300);
      expect(await focusedPath(page)).not.toBe('title');
      expect(await frame.evaluate('heard')).not.toContain('cairn:connected');
    };
    // In a frame of the site.
    await frameOf(page).evaluate((src) => {
      const frame = document.createElement('iframe');
      frame.src = src;
      document.body.append(frame);
    }, evil);
    await untouched(await findFrame(page, evil));
    expect(await frameOf(page).locator('h1').textContent()).toBe('Stones');
    // In place of the site.
    await frameOf(page).evaluate((to) => {
      location.href = to;
    }, evil);
    await untouched(await findFrame(page, evil, page.mainFrame()));

    // Around the site: it believes the admin alone.
    const other = await stage.visitor();
    await other.page.goto(`${evil}&frame=${encodeURIComponent(address)}`);
    await other.page.frameLocator('iframe').getByRole('heading', { name: 'Stones' }).waitFor();
    const framed = await findFrame(other.page, address);
    await other.page.waitForTimeout(300);
    expect(await framed.locator('h1').getAttribute('tabindex')).toBeNull();
    expect(await framed.locator('h1').textContent()).toBe('Stones');
    expect((await other.page.evaluate('heard')) as string[]).not.toContain('cairn:open');
  });

  test('says what a site lacks that does not load the script', async () => {
    const article = await stage.api.write(ARTICLE, { title: 'Plain' });
    const { page } = await stage.as(ADMIN, `/content/${ARTICLE}/${article}`);
    await page.route('**/cairn/preview.js', (route) => route.fulfill({ body: '', contentType: 'text/javascript' }));
    await page.getByRole('button', { name: 'Preview beside the editor' }).click();
    await page.getByText('Your site doesn’t load the script').waitFor();
    // As without a script: it is drawn anew after each save.
    await page.locator('[data-field="title"] input').fill('Plainer');
    await page.frameLocator('iframe[title="Preview"]').getByRole('heading', { name: 'Plainer' }).waitFor();
  });
});
