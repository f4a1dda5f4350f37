import { describe, expect, test } from 'vitest';
import { stage, TOKEN, TOKENS, violationsInBothSchemes, withAdmin } from './harness';
import { packageOf } from './harness/plugins';

describe('a plugin that nobody should have trusted', () => {
  const here = stage({ settings: withAdmin({ ...TOKENS }), contentTypes: 'core/query/tests/model/content-types' });

  test('loops and grabs memory; the admin stays quick, and it is switched off with a notice', async () => {
    const visitor = await here.admin('/plugins');
    const { page } = visitor;
    await page.locator('input[type=file]').setInputFiles(packageOf('hostile', 'plugins/guests'));
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: /nobody signed it/ }).check();
    await dialog.getByRole('button', { name: 'Allow this and install' }).click();
    await page.getByText(/is installed and switched on/).first().waitFor();

    // Everything it is called for does harm: a route loops, hooks grab memory and recurse without end.
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
    const create = (type: string, kind: string): RequestInit => ({ method: 'POST', headers, body: JSON.stringify({ data: { title: type, kind } }) });
    const harm = [
      () => fetch(`${here.server.base}/api/hostile/any/loop`, { method: 'POST' }),
      () => fetch(`${here.server.base}/api/hostile/trials`, create('trial', 'memory')),
      () => fetch(`${here.server.base}/api/hostile/prepareds`, create('prepared', 'recursion')),
    ];
    let over = false;
    const harming = harm.map(async (one) => {
      while (!over) {
        await one().then((answer) => answer.text());
        await new Promise((resolve) => setTimeout(resolve, 50));
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
    console.log(`moving about beside a hostile plugin: median ${Math.round(took[took.length >> 1] ?? 0)} ms, worst ${Math.round(took.at(-1) ?? 0)} ms`);

    await page.getByText('Switched off by Cairn').first().waitFor({ timeout: 30_000 });
    over = true;
    await Promise.all(harming);
    await page.getByRole('link', { name: /hostile|Hostile/ }).first().click();
    await page.getByText('It failed too often and was switched off').waitFor();
    await visitor.picture('plugin-switched-off');
    expect(await violationsInBothSchemes(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Failed calls' }).click();
    await page.getByRole('tabpanel').getByRole('row').nth(1).waitFor();

    // What it made is still there for who may see it, and what it did is told to the administrator.
    const gone = await fetch(`${here.server.base}/api/hostile/any/loop`, { method: 'POST' });
    expect(gone.status).toBe(404);
    await visitor.open('/inbox');
    await page.getByText(/hostile/i).first().waitFor();
  });
});
