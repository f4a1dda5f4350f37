import type { Page } from 'playwright-core';

/** Whether the heading of a page is drawn in the typeface of the admin, and its letters have come from the server. */
export async function isDrawnInInter(page: Page): Promise<boolean> {
  const { families, loaded } = await page.evaluate(async () => {
    await document.fonts.ready;
    const faces = [...document.fonts].filter(({ status }) => status === 'loaded');
    return {
      families: getComputedStyle(document.querySelector('h1') ?? document.body).fontFamily,
      loaded: faces.map(({ family }) => family.replaceAll('"', '')),
    };
  });
  return /^"?Inter Variable"?,/.test(families) && loaded.includes('Inter Variable');
}
