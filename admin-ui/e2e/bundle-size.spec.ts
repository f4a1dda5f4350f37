import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BUDGETS } from '../bundle/weight';
import { startStage, withAdmin } from './harness';

const KIB = 1024;
/** A file of script at most, compressed. */
const CHUNK = 110 * KIB;

describe('bundle size', () => {
  const stage = startStage({ settings: withAdmin() });

  test('the home page stays within the script budget, and what it fetches later is not in its way', async () => {
    const elsewhere: string[] = [];
    const visitor = await stage.visitor();
    visitor.page.on('request', (request) => {
      if (!request.url().startsWith(stage.server.base) && !request.url().startsWith('data:'))
        elsewhere.push(request.url());
    });
    await visitor.open('/');
    await visitor.signIn('anna@example.com', 'correct horse battery staple');
    await visitor.page.reload();
    await visitor.page.locator('main [data-page-title]').waitFor();
    await visitor.quiet();
    // What is opened next is fetched once the page is idle: this comes after it.
    await visitor.page.waitForFunction(() => performance.getEntriesByName('idle').length > 0);
    await visitor.quiet();
    const all = await visitor.page.evaluate(() => {
      const idle = performance.getEntriesByName('idle')[0]?.startTime ?? 0;
      return (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter((entry) => new URL(entry.name).pathname.endsWith('.js'))
        .map((entry) => ({
          name: new URL(entry.name).pathname,
          bytes: entry.encodedBodySize,
          plain: entry.decodedBodySize,
          late: entry.startTime >= idle,
        }));
    });
    const loaded = all.filter(({ late }) => !late);
    expect(loaded.length).toBeGreaterThan(3);
    expect(all.filter(({ late }) => late).map(({ name }) => name)).toContainEqual(
      expect.stringContaining('UserMenuItems'),
    );
    expect(
      loaded.every(({ bytes, plain }) => plain < 1024 || bytes < plain),
      'compressed',
    ).toBe(true);
    const total = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
    console.info(`home page: ${Math.round(total / KIB)} KiB of script in ${loaded.length} files`);
    expect(total).toBeLessThan(BUDGETS.home * KIB);
    expect(elsewhere).toEqual([]);
  });

  test('the typeface comes from the server of the admin, with the page, and is what texts are drawn in', async () => {
    const fonts: string[] = [];
    const elsewhere: string[] = [];
    const { page } = await stage.visitor();
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (request.resourceType() === 'font') fonts.push(url.pathname);
      if (url.protocol !== 'data:' && url.origin !== new URL(stage.server.base).origin) elsewhere.push(request.url());
    });
    await page.goto(`${stage.server.base}/admin/`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    const drawn = await page.evaluate(async () => {
      const { family } = await document.fonts.ready.then(() => ({
        family: getComputedStyle(document.querySelector('h1') ?? document.body).fontFamily,
      }));
      return {
        family,
        ready: document.fonts.check('14px "Inter Variable"'),
        loaded: [...document.fonts].filter(({ status }) => status === 'loaded').map((face) => face.family),
      };
    });
    expect(drawn.family).toMatch(/^"Inter Variable", "Inter Fallback"/);
    expect(drawn.ready).toBe(true);
    expect(drawn.loaded).toContain('Inter Variable');
    // Once: what is asked for with the page is what the style sheet then names. Letters of other scripts are left where they are.
    expect(fonts).toEqual([expect.stringMatching(/^\/admin\/assets\/inter-latin-wght-normal-[\w-]+\.woff2$/)]);
    await page.evaluate(() => document.fonts.load('14px "Inter Variable"', 'Жук'));
    expect(fonts.at(-1)).toContain('inter-cyrillic-wght-normal');
    expect(elsewhere).toEqual([]);
  });

  test('every chunk stays within the budget', () => {
    const folder = join(import.meta.dirname, '../dist/assets');
    const sizes = readdirSync(folder)
      .filter((name) => name.endsWith('.js.gz'))
      .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
    expect(sizes.length).toBeGreaterThan(10);
    expect(sizes.filter(({ bytes }) => bytes > CHUNK)).toEqual([]);
  });
});
