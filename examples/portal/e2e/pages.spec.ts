import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findViolations, isTooWide, connect, enter, visit } from './harness/browser.ts';

const site = inject('site');
const world = inject('world');

/** Every page of a customer, with something that is on it in Dutch. */
const PAGES: [string, string][] = [
  ['/', 'Start productie'],
  ['/timeline', 'Je chassis is binnen'],
  ['/timeline?page=2', 'Dag 1 van het ontwerp'],
  ['/media', 'Het ontwerp is af'],
  ['/documents', 'Specificatie F22'],
  ['/configuration', 'Kleur van het leer'],
  ['/rate?step=ontwerp', 'Hoe verliep deze stap?'],
  ['/help', 'Onderhoud van je auto'],
  ['/help?q=banden', 'Onderhoud van je auto'],
  ['/help/onderhoud-van-je-auto', 'Controleer de spanning.'],
  ['/profile', 'anna@example.com'],
];
const PUBLIC_PAGES = [
  '/sign-in',
  '/invitation?code=x',
  '/invitation/request',
  '/forgotten-password',
  '/reset-password?code=x',
  '/nowhere',
];
const WIDTHS = [360, 768, 1440];
let browser: Browser;

beforeAll(async () => {
  browser = await connect();
});
afterAll(() => browser.close());

describe('without scripts', () => {
  test('every page is complete', async () => {
    const page = await enter(browser, site, 'anna', { javaScriptEnabled: false });
    for (const [path, text] of PAGES) {
      await page.goto(path);
      await page.locator('main').getByText(text).first().waitFor();
      expect(await page.locator('h1').count(), path).toBe(1);
    }
  });
});

describe.each(['nl-NL', 'en-GB'])('in %s', (locale) => {
  test.each(['light', 'dark'] as const)('axe finds nothing, %s', async (colorScheme) => {
    const page = await enter(browser, site, 'anna', { locale, colorScheme });
    const stranger = await visit(browser, site, { locale, colorScheme });
    const rules = colorScheme === 'dark' ? 'colours' : 'all';
    for (const [path] of PAGES) await checkPage(page, path, rules);
    for (const path of PUBLIC_PAGES) await checkPage(stranger, path, rules);
  });
});

async function checkPage(page: Page, path: string, rules: 'all' | 'colours'): Promise<void> {
  await page.goto(path, { waitUntil: 'domcontentloaded' });
  expect(await findViolations(page, rules), path).toEqual([]);
}

test('errors and narrow menus are accessible', async () => {
  const page = await enter(browser, site, 'anna', { viewport: { width: 360, height: 740 } });
  await page.locator('summary').click();
  expect(await findViolations(page)).toEqual([]);
  await page.goto('/rate?step=ontwerp');
  await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
  await page.getByRole('alert').waitFor();
  expect(await findViolations(page)).toEqual([]);
});

test('no page is wider than the window', async () => {
  for (const width of WIDTHS) {
    const page = await enter(browser, site, 'anna', { viewport: { width, height: 900 }, locale: 'en-GB' });
    for (const path of [...PAGES.map(([path]) => path), ...PUBLIC_PAGES]) {
      await page.goto(path);
      expect(await isTooWide(page), `${path} at ${width}`).toBe(false);
    }
    await page.context().close();
  }
});

test('pages load from this site alone, and keep their policy', async () => {
  const page = await enter(browser, site, 'anna');
  const foreign: string[] = [];
  const refused: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== site) foreign.push(request.url());
  });
  page.on('console', (message) => {
    if (message.type() === 'error') refused.push(message.text());
  });
  for (const [path] of PAGES) {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    const broken = await page.evaluate(() => {
      for (const picture of document.images) picture.loading = 'eager';
      return Promise.all(
        [...document.images].map((picture) =>
          picture.decode().then(
            () => '',
            () => picture.src,
          ),
        ),
      );
    });
    expect(broken.filter(Boolean), path).toEqual([]);
  }
  expect(foreign).toEqual([]);
  expect(refused).toEqual([]);
});

test('texts of the team run nothing and load nothing', async () => {
  const page = await enter(browser, site, 'anna');
  await page.goto('/timeline');
  await page.getByText('<img src=x onerror=alert(1)>').waitFor();
  expect(await page.locator('.prose img').count()).toBe(0);
  expect(await page.getByRole('link', { name: 'onze site' }).getAttribute('rel')).toBe('noopener noreferrer');
});

test('documents are downloaded, and pages are not stored', async () => {
  const page = await enter(browser, site, 'anna');
  await page.goto('/documents');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Downloaden Specificatie F22' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('specificatie-F22.pdf');
  const { request } = page.context();
  const file = await request.get(`/files/documents/${world.document}`, { headers: { Range: 'bytes=0-3' } });
  expect([file.status(), await file.text()]).toEqual([206, '%PDF']);
  expect((await request.get('/')).headers()['cache-control']).toBe('private, no-store');
});

test('films are played', async () => {
  const page = await enter(browser, site, 'anna');
  await page.goto('/timeline');
  const film = page.getByLabel('Film: light.webm');
  await film.evaluate((video: HTMLVideoElement) => {
    video.muted = true;
    return video.play();
  });
  expect(await film.evaluate((video: HTMLVideoElement) => [video.videoWidth, video.paused])).toEqual([960, false]);
});
