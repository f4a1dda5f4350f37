import { expect, test } from 'vitest';
import { startStage, TOKENS, withAdmin } from './harness';

const stage = startStage({ contentTypes: 'content-types', settings: withAdmin(TOKENS) });

/** Pages with parts that have texts of their own, by their links in the navigation. */
const PAGES = ['/content/api::news.news', '/calendar', '/settings', '/media', '/releases'];

test('a page that has appeared stays while its parts load', async () => {
  await stage.api.write('api::news.news', { title: 'One', slug: 'one', body: 'One', topic: 'people' });
  const { page } = await stage.admin('/profile');
  for (const path of PAGES) {
    // Without what the last page has loaded.
    await page.goto('/admin/profile');
    const link = page.locator(`nav a[href*="${path}"]`).first();
    await link.waitFor();
    await page.evaluate(() => {
      const seen: boolean[] = [];
      Object.assign(globalThis, { seen });
      new MutationObserver(() => {
        // React hides what waits for its parts, and leaves it in the document.
        const there = document.querySelector('main h1')?.checkVisibility() ?? false;
        if (seen.at(-1) !== there) seen.push(there);
      }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['style'] });
    });
    await link.click();
    await page.waitForURL(`**${path}*`);
    await page.locator('main h1').waitFor();
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(400);
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: boolean[] }).seen);
    // At most: the page before, nothing, the page.
    expect([[true], [true, false, true], [false, true]], path).toContainEqual(seen);
  }
});
