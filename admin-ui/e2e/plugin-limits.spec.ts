// @module-tag full
import { describe, expect, test } from 'vitest';
import { startStage, TOKEN, TOKENS, violationsInBothSchemes, withAdmin } from './harness';
import { extendLimit } from './harness/patience';
import { installPlugin } from './harness/plugins';

/** Between a call that does harm and the next, in milliseconds. */
const PAUSE_MS = 50;

describe('a hostile plugin', () => {
  const stage = startStage({
    settings: withAdmin({ ...TOKENS }),
    contentTypes: 'core/query/tests/model/content-types',
  });

  test('loops and allocates memory; the admin stays responsive, and the plugin is disabled with a notice', async () => {
    const visitor = await stage.admin('/plugins');
    const { page } = visitor;
    await installPlugin(visitor, 'hostile', 'plugins/guests');

    // Everything it is called for does harm: hooks loop, routes recurse without end and grab memory.
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
    const create = (type: string, kind: string): RequestInit => ({
      method: 'POST',
      headers,
      body: JSON.stringify({ data: { title: type, kind } }),
    });
    const harm = [
      () => fetch(`${stage.server.base}/api/hostile/any/recursion`, { method: 'POST' }),
      () => fetch(`${stage.server.base}/api/hostile/any/memory`, { method: 'POST' }),
      () => fetch(`${stage.server.base}/api/hostile/trials`, create('trial', 'loop')),
      () => fetch(`${stage.server.base}/api/hostile/prepareds`, create('prepared', 'loop')),
    ];
    const over = new AbortController();
    const harming = harm.map(async (one) => {
      while (!over.signal.aborted) {
        await one().then((answer) => answer.text());
        // The pace of the harm, not a wait: calls of a circuit that is open are refused at once, and would be a flood of another kind.
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    });

    // Meanwhile somebody looks around. The figure is printed, not asserted: machines are noisy.
    const took: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      for (const name of ['Inbox', 'Plugins']) {
        const begun = performance.now();
        await page.getByRole('link', { name }).first().click();
        await page.getByRole('heading', { name, level: 1 }).waitFor();
        took.push(performance.now() - begun);
      }
    }
    took.sort((a, b) => a - b);
    console.info(
      `moving about beside a hostile plugin: median ${Math.round(took[took.length >> 1] ?? 0)} ms, worst ${Math.round(took.at(-1) ?? 0)} ms`,
    );

    const switchedOff = page.getByText('Switched off by Cairn').first();
    await expect
      .poll(
        async () => {
          await visitor.open('/plugins');
          await page.getByRole('heading', { name: 'Plugins', level: 1 }).waitFor();
          await visitor.quiet();
          return switchedOff.isVisible();
        },
        { timeout: extendLimit(30_000) },
      )
      .toBe(true);
    over.abort();
    await Promise.all(harming);
    await page
      .getByRole('link', { name: /hostile|Hostile/ })
      .first()
      .click();
    await page.getByText('It failed too often and was switched off').waitFor();
    await visitor.picture('plugin-switched-off');
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Failed calls' }).click();
    await page.getByRole('tabpanel').getByRole('row').nth(1).waitFor();

    // What it made is still there for who may see it, and what it did is told to the administrator.
    const gone = await fetch(`${stage.server.base}/api/hostile/any/loop`, { method: 'POST' });
    expect(gone.status).toBe(503);
    expect(Number(gone.headers.get('Retry-After'))).toBeGreaterThan(0);
    await visitor.open('/inbox');
    await page
      .getByText(/hostile/i)
      .first()
      .waitFor();
  });
});
