import { describe, test } from 'vitest';
import { ADMIN_TOKEN, startStage, withAdmin } from '../harness';
import { clickUntil, keysNoted, noteKeys, noteWork, formatPercentiles, spread } from './clock';
import { blocks, zone } from './content';

const RUNS = Number(process.env.MEASURE_RUNS ?? 7);
const ROWS = Number(process.env.MEASURE_ROWS ?? 100_000);
const KEYS = 200;
/** Frames as soon as they are ready, not sixty times a second: what is measured is the work, not the wait for the screen. */
const UNBOUND = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

const parts = new Intl.NumberFormat('en');

describe('speed of the admin', () => {
  const stage = startStage({ contentTypes: 'content-types', settings: withAdmin() }, UNBOUND);

  async function write(uid: string, data: object): Promise<string> {
    const answer = await fetch(`${stage.server.base}/admin/api/content/${uid}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ data }),
    });
    if (!answer.ok) throw new Error(`${uid}: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { data: { documentId: string } }).data.documentId;
  }

  const cases = [
    {
      name: '200 blocks',
      slug: 'blocks',
      data: { body: blocks(200) },
      ready: '[data-field="body"] [contenteditable="true"] > :nth-child(200)',
    },
    {
      name: '200 components',
      slug: 'zone',
      data: { sections: zone(200) },
      ready: '[data-field="sections"] [data-toggle]',
    },
  ];
  // Of both columns the last field, and the editor of blocks, which is loaded by itself.
  const everywhere = [
    '[data-field="videoUrl"] input',
    '[data-field="phase"] input',
    '[data-field="body"] [contenteditable="true"]',
  ];
  for (const { name, slug, data, ready } of cases) {
    test(`an entry with ${name}`, async () => {
      const id = await write('api::update.update', { title: name, slug, happenedOn: '2026-01-01', ...data });
      const { page } = await stage.admin(`/content/api::update.update`);
      const link = `main a[href*="${id}"]`;
      await page.locator(link).first().waitFor();
      const times: number[] = [];
      const works: number[] = [];
      for (let run = 0; run <= RUNS; run += 1) {
        const worked = await noteWork(page);
        const took = await clickUntil(page, link, [ready, ...everywhere]);
        const work = await worked();
        // The first one loads the files.
        if (run === 0) console.info(`open an entry with ${name}, for the first time: ${took.toFixed(0)} ms`);
        else {
          times.push(took);
          works.push(work);
        }
        await page.waitForTimeout(700);
        await page.goBack();
        await page.locator(link).first().waitFor();
        await page.waitForTimeout(300);
      }
      console.info(
        `open an entry with ${name}: ${formatPercentiles(spread(times))}, of processor time p50 ${spread(works).p50.toFixed(0)} ms`,
      );

      await page.locator(link).first().click();
      await page.locator(ready).first().waitFor();
      await page.waitForTimeout(500);
      const places: { where: string; at: string; open?: string[] }[] =
        slug === 'blocks'
          ? [
              {
                where: 'in a block in the middle',
                at: '[data-field="body"] [contenteditable="true"] > p:nth-child(100)',
              },
            ]
          : [
              {
                where: 'in an open component in the middle, the others closed',
                at: '[data-field="sections"] ol > li:nth-child(101) input',
                open: ['[data-field="sections"] ol > li:nth-child(101) [data-toggle]'],
              },
              {
                where: 'in a component in the middle, all of them open',
                at: '[data-field="sections"] ol > li:nth-child(101) input',
                open: ['Collapse all', 'Expand all'].map(
                  (text) => `[data-field="sections"] button:has-text("${text}")`,
                ),
              },
            ];
      for (const place of [...places, { where: 'in the title', at: '[data-field="title"] input' }]) {
        for (const button of place.open ?? []) await page.locator(button).first().click();
        await page.locator(place.at).first().click();
        await noteKeys(page);
        const worked = await noteWork(page);
        for (let key = 0; key < KEYS; key += 1) {
          await page.keyboard.press('abcdefghij '[key % 11] ?? 'a');
          await page.waitForTimeout(30);
        }
        const work = (await worked()) / KEYS;
        await page.waitForTimeout(200);
        console.info(
          `a key ${place.where}, ${name}: ${formatPercentiles(spread(await keysNoted(page)))}, of processor time ${work.toFixed(1)} ms on average`,
        );
      }
    });
  }

  test('a long list', async () => {
    let made = 0;
    const maker = async () => {
      while (made < ROWS) {
        made += 1;
        await write('api::faq.faq', {
          question: `Question ${made}`,
          slug: `question-${made}`,
          answer: 'An answer.',
          category: 'order',
          order: made,
        });
      }
    };
    await Promise.all(Array.from({ length: 8 }, maker));
    const { page } = await stage.admin('/content/api::faq.faq');
    await page.locator('[role="grid"] [role="row"] a').first().waitFor();
    await page.waitForTimeout(500);
    const frames = await page.evaluate(async () => {
      const grid = document.querySelector('[role="grid"]');
      const found: number[] = [];
      if (!grid) return found;
      let last = performance.now();
      for (let step = 0; step < 600; step += 1) {
        // Slow at first, as by a wheel; then as by dragging the bar.
        grid.scrollTop += step < 300 ? 120 : grid.scrollHeight / 400;
        await new Promise((resolve) => setTimeout(resolve, 12));
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        found.push(now - last - 12);
        last = now;
      }
      return found;
    });
    console.info(`scroll a list of ${parts.format(ROWS)} rows, a frame: ${formatPercentiles(spread(frames))}`);
  });
});
