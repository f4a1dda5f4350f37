import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { startStage, TOKEN, TOKENS, violations, withAdmin } from './harness';
import { isDrawnInInter } from './harness/typeface';

/** The operations that the page lists, as `GET /api/articles`. */
async function listOperations(page: Page): Promise<string[]> {
  // Groups are closed at first: a project has many.
  const closed = page.locator('.opblock-tag[data-is-open=false]');
  while ((await closed.count()) > 0) await closed.first().click();
  const operations = page.locator('.opblock-summary');
  return operations.evaluateAll((all) =>
    all.map((one) => {
      const part = (name: string): string => one.querySelector(`.opblock-summary-${name}`)?.textContent ?? '';
      // The path has a break wherever it may be cut.
      return `${part('method')} ${part('path').replaceAll('\u200b', '')}`;
    }),
  );
}

describe('the page of the content API', () => {
  const stage = startStage({
    settings: withAdmin({ ...TOKENS }),
    contentTypes: 'core/query/tests/model/content-types',
  });

  test('shows what a token may call, tries it, and asks no other site', async () => {
    const { page, context } = await stage.visitor();
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto('/');
    expect(await isDrawnInInter(page)).toBe(true);
    await page.getByRole('link', { name: 'Try the API' }).click();
    await page.locator('.opblock-tag').first().waitFor();
    expect(await isDrawnInInter(page)).toBe(true);
    expect(await listOperations(page)).not.toContain('GET /api/articles');

    // A token that the server refuses, said in words; nothing of another one stays on the page.
    await page.getByLabel('API token').fill('nonsense');
    await page.getByRole('button', { name: 'Use token' }).click();
    await page.getByRole('alert').getByText('The server refuses this token.', { exact: false }).waitFor();
    expect(await page.locator('.opblock-tag').count()).toBe(0);

    await page.getByLabel('API token').fill(TOKEN);
    await page.keyboard.press('Enter');
    await page.locator('.opblock-tag').first().waitFor();
    expect(await listOperations(page)).toContain('GET /api/articles');
    expect(await violations(page)).toEqual([]);

    const list = page
      .locator('.opblock', { has: page.locator('[data-path="/api/articles"]') })
      .filter({ hasText: 'GET' });
    await list.locator('.opblock-summary').click();
    const answered = page.waitForResponse((response) => response.url().includes('/api/articles'));
    await list.getByRole('button', { name: 'Execute' }).click();
    const response = await answered;
    expect(response.status(), response.url()).toBe(200);
    expect(response.request().headers().authorization).toBe(`Bearer ${TOKEN}`);
    await list.locator('.live-responses-table').getByText('"data"').first().waitFor();

    expect([...hosts]).toEqual([new URL(stage.server.base).host]);
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    expect(kept).not.toContain(TOKEN);
    expect(await context.cookies()).toEqual([]);
  });
});
