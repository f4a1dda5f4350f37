import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { connect, enter, findViolations, getAs, isTooWide, visit } from './harness/browser.ts';

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
  ['/vehicle', 'Eerste beurt'],
  ['/profile', 'anna@example.com'],
];
const PUBLIC_PAGES = [
  '/sign-in',
  '/invitation?code=x',
  '/invitation/request',
  '/forgotten-password',
  '/reset-password?code=x',
  '/nowhere',
  '/shared/nothing',
  '/components',
];
const WIDTHS = [360, 768, 1440];
let browser: Browser;

beforeAll(async () => {
  browser = await connect();
});

test('every page is complete without scripts', async () => {
  const page = await enter(browser, site, 'anna', { javaScriptEnabled: false });
  for (const [path, text] of PAGES) {
    await page.goto(path);
    await page.locator('main').getByText(text).first().waitFor();
    expect(await page.locator('h1').count(), path).toBe(1);
  }
});

/** One visit of each page checks what a page is to be: accessible, as wide as the narrowest window, from this site alone, and by its policy. */
test('every page is accessible, fits, and loads from this site alone', async () => {
  const options = { viewport: { width: 360, height: 740 } };
  const page = await enter(browser, site, 'anna', options);
  const stranger = await visit(browser, site, options);
  const problems = [...watch(page), ...watch(stranger)];
  for (const [tab, path] of listVisits(page, stranger)) {
    await checkPage(tab, path, 'all');
    expect(await isTooWide(tab), path).toBe(false);
    expect(await listBrokenPictures(tab), path).toEqual([]);
  }
  expect(problems.flatMap((list) => list)).toEqual([]);
});

describe.each(['nl-NL', 'en-GB'])('in %s', { tags: 'full' }, (locale) => {
  test.each(['light', 'dark'] as const)('axe finds nothing, %s', async (colorScheme) => {
    const page = await enter(browser, site, 'anna', { locale, colorScheme });
    const stranger = await visit(browser, site, { locale, colorScheme });
    const rules = colorScheme === 'dark' ? 'colours' : 'all';
    for (const [tab, path] of listVisits(page, stranger)) await checkPage(tab, path, rules);
  });

  test('no page is wider than the window', async () => {
    for (const width of WIDTHS) {
      const options = { viewport: { width, height: 900 }, locale };
      const [page, stranger] = [await enter(browser, site, 'anna', options), await visit(browser, site, options)];
      for (const [tab, path] of listVisits(page, stranger)) {
        await tab.goto(path);
        expect(await isTooWide(tab), `${path} at ${width}`).toBe(false);
      }
      await Promise.all([page.context().close(), stranger.context().close()]);
    }
  });
});

function listVisits(page: Page, stranger: Page): [Page, string][] {
  return [
    ...PAGES.map(([path]): [Page, string] => [page, path]),
    ...PUBLIC_PAGES.map((path): [Page, string] => [stranger, path]),
  ];
}

async function checkPage(page: Page, path: string, rules: 'all' | 'colours'): Promise<void> {
  await page.goto(path, { waitUntil: 'domcontentloaded' });
  expect(await findViolations(page, rules), path).toEqual([]);
}

/** What a tab loads from other sites, and what its policy refuses. */
function watch(page: Page): [string[], string[]] {
  const foreign: string[] = [];
  const refused: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== site) foreign.push(request.url());
  });
  page.on('console', (message) => {
    // The page for what is not there has that status.
    if (message.type() === 'error' && !message.text().includes('404')) refused.push(message.text());
  });
  return [foreign, refused];
}

async function listBrokenPictures(page: Page): Promise<string[]> {
  const broken = await page.evaluate(() => {
    for (const picture of document.images) picture.loading = 'eager';
    const decode = (picture: HTMLImageElement) =>
      picture.decode().then(
        () => '',
        () => picture.src,
      );
    return Promise.all([...document.images].map(decode));
  });
  return broken.filter(Boolean);
}

test('errors and narrow menus are accessible', async () => {
  const page = await enter(browser, site, 'anna', { viewport: { width: 360, height: 740 } });
  const menu = page.locator('summary');
  const closed = await menu.boundingBox();
  await menu.click();
  expect(await menu.boundingBox()).toEqual(closed);
  expect(await findViolations(page)).toEqual([]);
  await page.goto('/rate?step=ontwerp');
  await page.getByRole('button', { name: 'Beoordeling versturen' }).click();
  await page.getByRole('alert').waitFor();
  expect(await findViolations(page)).toEqual([]);
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

test('reports of a service are downloaded by whoever sees the car, and by nobody else', async () => {
  const page = await enter(browser, site, 'anna');
  await page.goto('/vehicle');
  await page.getByText('De volgende beurt is uiterlijk 1 oktober 2027, of eerder bij 15.000 km.').waitFor();
  await page.getByText('De remmen zijn nagekeken.').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Downloaden verslag-beurt.pdf' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('verslag-beurt.pdf');
  const path = new URL(download.url()).pathname;
  const answer = await page.context().request.get(path);
  expect([answer.status(), answer.headers()['cache-control']]).toEqual([200, 'private, no-store']);
  for (const other of ['bram', 'dirk']) {
    expect((await getAs(browser, site, other, path)).status, other).toBe(404);
  }
});

test('films are played', async () => {
  const page = await enter(browser, site, 'anna');
  await page.goto('/timeline');
  const film = page.getByLabel('Film: light.webm');
  expect((await page.request.get((await film.getAttribute('poster')) ?? '')).headers()['content-type']).toBe(
    'image/svg+xml',
  );
  await film.evaluate((video: HTMLVideoElement) => {
    video.muted = true;
    return video.play();
  });
  expect(await film.evaluate((video: HTMLVideoElement) => [video.videoWidth, video.paused])).toEqual([960, false]);
});
