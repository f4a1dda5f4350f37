import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { waitUntilQuiet, waitUntilStill } from '../harness/browser';

const FOLDER = process.env.PICTURES_FOLDER ?? join(import.meta.dirname, '../../../docs/screenshots');
/** Most bytes of a picture: documentation is read on trains, too. */
const MAX_BYTES = 250_000;

/** A window as wide as the documentation shows it. */
export const WIDE = { viewport: { width: 1440, height: 900 }, colorScheme: 'light' } as const;
export const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'light', hasTouch: true } as const;

/** Folds the list of content types in the menu, which an application makes long: its own pages stand below. It stays so for whoever folded it. */
export async function foldContentTypes(page: Page): Promise<void> {
  const fold = page.getByRole('navigation').getByRole('button', { name: 'Content types', exact: true });
  await fold.waitFor();
  if ((await fold.getAttribute('aria-expanded')) === 'true') await fold.click();
}

/** Stores what the window of a page shows, once all of it is there, as `docs/screenshots/<name>.png`. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await waitUntilQuiet(page);
  await page.evaluate(async () => {
    await document.fonts.ready;
    const seen = [...document.images].filter((image) => image.src !== '' && image.checkVisibility());
    await Promise.all(seen.map((image) => image.decode().catch(() => undefined)));
  });
  await waitUntilStill(page);
  const picture = await page.screenshot({ caret: 'hide' });
  if (picture.length > MAX_BYTES) throw new Error(`${name}: ${picture.length} bytes are more than ${MAX_BYTES}`);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${name}.png`), picture);
}
