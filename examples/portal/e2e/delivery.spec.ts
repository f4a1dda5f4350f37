import type { Browser, Page } from 'playwright-core';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { TestApi } from './harness/api.ts';
import { connect, enter, findViolations, getAs, isTooWide, visit } from './harness/browser.ts';
import { TOKEN } from './harness/cairn.ts';
import { PASSWORD } from './harness/world.ts';

const site = inject('site');
const base = inject('cairn');
const api = new TestApi(base);
let browser: Browser;
let vehicle: string;

beforeAll(async () => {
  browser = await connect();
  await api.createUser('fien', PASSWORD);
  const owner = { name: 'Fien Jansen', email: 'fien@example.com', language: 'nl' };
  const order = { orderNo: 'F22-0140', title: 'F22 – Fien Jansen', model: 'F22', owner };
  vehicle = (await api.send<{ vehicle: string }>('POST', '/api/portal/orders', order)).vehicle;
  const photos = [await api.uploadPicture('front'), await api.uploadPicture('rear')];
  await api.create('timeline-entries', { vehicle, title: 'Hij is klaar', step: 'levering', photos });
  for (const step of ['ontwerp', 'engineering', 'productie', 'afmontage', 'levering']) {
    await api.send('POST', '/api/portal/steps', { id: `0140/${step}`, orderNo: 'F22-0140', step, state: 'done' });
  }
});

describe('a delivery that is shared', () => {
  /** Creates a link without scripts; returns its address. */
  async function share(page: Page, message: string): Promise<string> {
    await page.goto('/share');
    for (const photo of await page.locator('[name=photos]').all()) await photo.check();
    await page.getByLabel('Bericht').fill(message);
    await page.getByRole('button', { name: 'Link maken' }).click();
    return page.locator('#share-link').inputValue();
  }

  test('is seen by anybody with the link, without the owner in it, until the owner ends it', async () => {
    const page = await enter(browser, site, 'fien', { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Deel je levering' }).click();
    const link = await share(page, 'Kijk, <b>hij</b> is er!');
    expect(link).toMatch(new RegExp(`^${site}/shared/[\\w.-]{20,}$`));
    expect(await page.getByRole('button', { name: 'Link kopiëren' }).isVisible()).toBe(false);
    const stranger = await visit(browser, site, { viewport: { width: 360, height: 740 } });
    const response = await stranger.goto(link);
    expect(response?.headers()).toMatchObject({ 'x-robots-tag': 'noindex', 'cache-control': 'private, no-store' });
    await stranger.getByRole('heading', { level: 1, name: 'F22' }).waitFor();
    await stranger.getByText('Kijk, <b>hij</b> is er!').waitFor();
    expect(await stranger.context().cookies()).toEqual([]);
    const html = await stranger.content();
    for (const personal of ['Fien', 'fien', 'F22-0140', vehicle, '/uploads/private'])
      expect(html).not.toContain(personal);
    const meta = (name: string) => stranger.locator(`meta[property="${name}"]`).getAttribute('content');
    expect(await meta('og:title')).toBe('F22 – Portal');
    const picture = (await meta('og:image')) ?? '';
    expect(picture).toContain(`${site}/shared/`);
    const preview = await fetch(picture);
    expect([preview.status, preview.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^image\//)]);
    expect(await stranger.locator('main img').count()).toBe(2);
    expect([await findViolations(stranger), await isTooWide(stranger)]).toEqual([[], false]);
    await stranger.getByRole('link', { name: 'English' }).click();
    await stranger.getByText(/^Delivered in /).waitFor();

    await page.reload();
    // Looked at twice: in Dutch and in English. Photos and previews are no views.
    await page.getByText('2 keer bekeken').waitFor();
    await page.getByRole('button', { name: 'Link intrekken' }).click();
    await page.getByText('door jou ingetrokken').waitFor();
    expect(await page.locator('#share-link').count()).toBe(0);
    expect((await stranger.goto(link))?.status()).toBe(404);
    await stranger.getByRole('heading', { name: 'Deze pagina bestaat niet' }).waitFor();
    expect(await stranger.context().cookies()).toEqual([]);
  });

  test('is copied at the press of a button, and what is wrong is named', async () => {
    const page = await enter(browser, site, 'fien');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site });
    await share(page, '');
    await page.getByRole('button', { name: 'Link kopiëren' }).click();
    await page.getByText('De link is gekopieerd.').waitFor();
    await page.getByLabel('Bericht').fill('x'.repeat(501));
    await page.getByRole('button', { name: 'Link maken' }).click();
    await page.getByRole('alert').getByText('Je bericht mag hoogstens 500 tekens lang zijn.').waitFor();
    expect(await page.locator('[name=photos]:checked').count()).toBe(0);
    expect(await page.getByLabel('Bericht').inputValue()).toBe('x'.repeat(501));
    expect(await findViolations(page)).toEqual([]);
  });

  test('is not there for a car that is being built, for whoever follows along, and at made-up addresses', async () => {
    for (const path of ['/share', `/share?vehicle=${vehicle}`]) {
      expect((await getAs(browser, site, 'bram', path)).status, path).toBe(404);
    }
    for (const path of ['nothing', '..%2f..', '%E0%A4%A', 'a/photos/b', 'x'.repeat(5_000)]) {
      expect((await fetch(`${site}/shared/${path}`)).status, path.slice(0, 20)).toBe(404);
    }
  });
});

describe('measurements', () => {
  async function send(name: string, csv: string): Promise<void> {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'text/csv' };
    const address = `${base}/api/portal/telemetry/F22-0140?title=${encodeURIComponent(name)}`;
    const response = await fetch(address, { method: 'POST', headers, body: csv });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  }

  test('are a table and plots, without scripts, for those who see the timeline', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => `${at},${at % 100},${at > 50 && at < 60 ? '' : 90}`);
    await send('Rondje <Zandvoort>', ['time,speed [km/h],oil [°C]', ...rows].join('\n'));
    const page = await enter(browser, site, 'fien', { javaScriptEnabled: false });
    const link = page.getByRole('link', { name: 'Rondje <Zandvoort>' });
    for (let attempt = 0; attempt < 100 && (await link.count()) === 0; attempt += 1) await page.goto('/vehicle');
    await link.click();
    await page.getByRole('heading', { level: 1, name: 'Rondje <Zandvoort>' }).waitFor();
    const cells = await page
      .getByRole('row', { name: /^speed/ })
      .getByRole('cell')
      .allTextContents();
    expect(cells.map((text) => text.replace(/\u00a0/g, ' '))).toEqual(['0 km/h', '49,5 km/h', '99 km/h', '0']);
    await page.getByRole('img', { name: 'Verloop van speed' }).waitFor();
    expect(await page.locator('.plot').count()).toBe(2);
    const path = new URL(page.url()).pathname;
    const checked = await enter(browser, site, 'fien', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await checked.goto(path);
    expect([await findViolations(checked), await isTooWide(checked)]).toEqual([[], false]);
    expect((await getAs(browser, site, 'bram', path)).status).toBe(404);
  });
});
