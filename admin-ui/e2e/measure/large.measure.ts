import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { startStage, TOKENS, withAdmin } from '../harness';
import { clickUntil, formatPercentiles, spread } from './clock';

const RUNS = Number(process.env.MEASURE_RUNS ?? 7);
const ENTRIES = Number(process.env.MEASURE_ENTRIES ?? 100_000);
const NEWS = Number(process.env.MEASURE_PUBLICATIONS ?? 5_000);
/** Requests at a time that fill the project. */
const WRITERS = 8;
/** Frames as soon as they are ready, not sixty times a second. */
const UNBOUND = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

const FAQ = 'api::faq.faq';
const NEEDLE = 'Where is the needle in the haystack?';

async function fill(count: number, write: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async () => {
    for (let at = next++; at < count; at = next++) await write(at);
  };
  await Promise.all(Array.from({ length: WRITERS }, work));
}

const question = (slug: string, text: string) => ({ slug, question: text, answer: 'An answer.', category: 'order' });
const news = (slug: string) => ({ slug, title: `News ${slug}`, body: 'It happened.', topic: 'factory' });

/** Opens a screen from another one `RUNS` times. Each time nothing is left of what the page had read. */
async function measureScreen(page: Page, name: string, link: string, ready: readonly string[]): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    await page.goto('/admin/profile');
    await page.locator(link).first().waitFor();
    await page.waitForLoadState('networkidle');
    const took = await clickUntil(page, link, ready);
    // The first time loads the files.
    if (run > 0) times.push(took);
    else console.info(`${name}, for the first time: ${took.toFixed(0)} ms`);
  }
  console.info(`${name}: ${formatPercentiles(spread(times))}`);
}

/**
 * The daily screens of a project that was filled within the hour: `ENTRIES` entries, of which `NEWS` are news, all published; before them one draft was
 * written, which is in no other list than that of what to continue. The target is a second from the click, or the last key, until what the screen is for
 * is there.
 */
describe('speed of a large project', () => {
  const stage = startStage(
    {
      contentTypes: 'content-types',
      settings: withAdmin({ ...TOKENS, locales: { default: 'en', available: ['en', 'nl'] } }),
    },
    UNBOUND,
  );
  let draft = '';
  let latest = '';

  async function publish(route: string, data: object): Promise<string> {
    const answer = await stage.api.ask<{ documentId: string }>('POST', `/api/${route}`, { data });
    if (answer.status !== 201) throw new Error(`${route}: ${answer.status} ${JSON.stringify(answer.data)}`);
    return answer.data.documentId;
  }

  beforeAll(async () => {
    draft = await stage.api.write('api::news.news', news('unfinished'));
    const began = performance.now();
    await fill(ENTRIES - NEWS - 1, (at) => publish('faqs', question(`question-${at}`, `Question ${at}`)));
    await publish('faqs', question('needle', NEEDLE));
    await fill(NEWS - 1, (at) => publish('news-items', news(`item-${at}`)));
    latest = await publish('news-items', news('latest'));
    console.info(`${ENTRIES} entries published in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }, 3_600_000);

  test('the home page has the draft, and what was published last', async () => {
    const { page } = await stage.admin('/profile');
    const home = 'nav a[href="/admin"], nav a[href="/admin/"]';
    await measureScreen(page, 'the home page', home, [`main a[href*="${latest}"]`, `main a[href*="${draft}"]`]);
  });

  test('the calendar has publications of the day, and says that it leaves some out', async () => {
    const { page } = await stage.admin('/profile');
    await measureScreen(page, 'the calendar', 'nav a[href$="/calendar"]', ['main a[href*="/content/api::"]']);
    await page.getByText('There is too much to show').waitFor();
  });

  test('a list has its first entries and its total', async () => {
    const { page } = await stage.admin('/profile');
    const rows = `main [role="grid"][aria-rowcount="${ENTRIES - NEWS + 1}"]`;
    await measureScreen(page, 'a list', `nav a[href*="/content/${FAQ}"]`, [`${rows} [role="row"] a`]);
  });

  test('the palette finds an entry by a word of its title', async () => {
    const { page } = await stage.admin('/profile');
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      await page.reload();
      await page.locator('main [data-page-title]').waitFor();
      await page.waitForLoadState('networkidle');
      await page.keyboard.press('Control+k');
      await page.getByPlaceholder('Search for a page, an entry or an action').and(page.locator(':focus')).waitFor();
      await page.keyboard.type('haystack');
      const began = await page.evaluate(() => performance.now());
      await page.waitForFunction(
        (title) => [...document.querySelectorAll('[role="option"]')].some((each) => each.textContent?.includes(title)),
        NEEDLE,
        { polling: 'raf' },
      );
      times.push((await page.evaluate(() => performance.now())) - began);
    }
    expect(times).toHaveLength(RUNS);
    console.info(`the palette, from the last key: ${formatPercentiles(spread(times))}`);
  });
});
