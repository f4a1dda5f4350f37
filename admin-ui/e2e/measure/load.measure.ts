import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { kib, BUDGETS, tooHeavy, weigh } from '../../bundle/weight';
import { ADMIN, startStage, TOKENS, withAdmin } from '../harness';
import { fillProject, type Sample } from '../harness/sampleContent';
import { spread } from './clock';

const RUNS = Number(process.env.MEASURE_RUNS ?? 7);

/** What a page was made of, and how long it took until its heading was there. */
interface LoadResult {
  scripts: number;
  styles: number;
  files: number;
  asked: number;
  shown: number;
}

describe('script loaded by the pages', () => {
  const stage = startStage({
    contentTypes: 'content-types',
    settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }),
  });
  let sample: Sample;
  beforeAll(async () => {
    sample = await fillProject(stage.api);
  });

  /** Opens an address in a browser that has nothing yet. */
  async function load(path: string): Promise<LoadResult> {
    const { page, leave } = await arrive(path);
    await page.waitForLoadState('networkidle');
    const loaded = await page.evaluate(() => {
      // What comes once the page is idle is fetched for what is opened next.
      const idle = performance.getEntriesByName('idle')[0]?.startTime ?? Infinity;
      const all = (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ startTime }) => startTime < idle)
        .map(({ name, encodedBodySize }) => ({ path: new URL(name).pathname, bytes: encodedBodySize }));
      const sum = (ending: string) =>
        all.filter((each) => each.path.endsWith(ending)).reduce((total, { bytes }) => total + bytes, 0);
      const files = all.filter((each) => each.path.startsWith('/admin/assets/')).length;
      return {
        scripts: sum('.js'),
        styles: sum('.css'),
        files,
        asked: all.length - files,
        shown: performance.getEntriesByName('shown')[0]?.startTime ?? Number.NaN,
      };
    });
    await leave();
    return loaded;
  }

  async function arrive(path: string) {
    // Signs in once; the session is kept, what the browser has loaded is not.
    const { context } = await stage.as(ADMIN);
    const cookies = await context.cookies();
    await context.close();
    const visitor = await stage.visitor();
    await visitor.context.addCookies(cookies);
    await visitor.page.addInitScript(() => {
      new MutationObserver((_, watch) => {
        if (!document.querySelector('main [data-page-title]')) return;
        performance.mark('shown');
        watch.disconnect();
      }).observe(document, { childList: true, subtree: true });
    });
    await visitor.open(path);
    return { page: visitor.page, leave: () => visitor.leave() };
  }

  const pages = [
    { name: 'the home page', path: () => '/', budget: BUDGETS.home },
    { name: 'a list of entries', path: () => `/content/${sample.uid}`, budget: BUDGETS.list },
    {
      name: 'an entry',
      path: () => `/content/${sample.uid}/${sample.documentId}`,
      budget: BUDGETS.entry,
    },
  ];
  test.each(pages)('$name', async ({ name, path, budget }) => {
    const shown: number[] = [];
    let last: LoadResult | undefined;
    for (let run = 0; run < RUNS; run += 1) {
      last = await load(path());
      shown.push(last.shown);
    }
    if (!last) throw new Error('MEASURE_RUNS is at least 1');
    const { scripts, styles, files, asked } = last;
    console.info(
      `${name}, nothing cached: ${kib(scripts)} of script, ${kib(styles)} of styles, ${files} files and ${asked} answers of the API; its heading after ${spread(shown).p50.toFixed(0)} ms (p50 of ${RUNS})`,
    );
    expect(scripts / 1024).toBeLessThanOrEqual(budget);
  });

  test('script loaded later', () => {
    const weight = weigh(join(import.meta.dirname, '../../dist'));
    for (const { name, bytes, files } of weight.parts.slice(0, 5))
      console.info(`beyond the first page, ${name}: ${kib(bytes)} of script in ${files} files`);
    expect(tooHeavy(weight)).toEqual([]);
  });
});
