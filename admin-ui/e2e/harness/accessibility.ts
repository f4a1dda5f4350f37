import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { waitUntilQuiet, waitUntilStill } from './browser';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  // No rule here reads the style sheets; read ahead, axe copies them into style elements, which the policy refuses now and then.
  preload: false,
};

/**
 * The rules whose result depends on colours. All others read the document, its names and its layout, which are the same in every colour scheme: no
 * style sheet shows or hides anything by it, and of the components only an item of the user's menu has another icon and another text. Where
 * everything was checked in one scheme, these are enough in another, for the same page at the same width.
 */
const COLOUR_RULES: RunOptions = {
  ...RULES,
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** Waits until the page is there and nothing on it moves. One that has no heading is not waited for: axe tells of it. */
async function waitUntilThere(page: Page): Promise<void> {
  await waitUntilQuiet(page);
  const heading = page.locator('h1:visible').first();
  if (!(await heading.isVisible())) {
    // React hides a page while a part of it is loaded, and shows it up to 300 ms after the part is there.
    await heading.waitFor().catch(() => undefined);
    await waitUntilQuiet(page);
  }
  await waitUntilStill(page);
}

/**
 * What axe finds on the page once it is there, a line each: the rule, and where. `rules`: all, or only those on colours, for a page that all were
 * checked on just now.
 */
export async function violations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  await (rules === 'all' ? waitUntilThere(page) : waitUntilStill(page));
  // By the debugger's protocol, past the content security policy: the page keeps the one it is tested with.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(
    (options) => (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    rules === 'all' ? RULES : COLOUR_RULES,
  );
  return found.violations.flatMap((violation) =>
    violation.nodes.map(
      (node) => `${violation.id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`,
    ),
  );
}

/** The same in light, and the colours in dark. */
export async function violationsInBothSchemes(page: Page): Promise<string[]> {
  const all: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const chosen = await page.evaluate(() => localStorage.getItem('mantine-color-scheme-value') ?? 'auto');
    const expected = chosen === 'auto' ? colorScheme : chosen;
    await page.waitForFunction((scheme) => document.documentElement.dataset.mantineColorScheme === scheme, expected);
    const rules = colorScheme === 'light' ? 'all' : 'colours';
    all.push(...(await violations(page, rules)).map((line) => `${colorScheme}: ${line}`));
  }
  return all;
}

/** How the screens of a test have to do for everybody: as they are; and zoomed to 400 %, which leaves 320 by 256 of 1280 by 1024, in the dark, and in forced colours. */
const ZOOMED = { width: 320, height: 256 };
const VIEWPORTS = [
  { name: 'as it is', zoomed: false, colorScheme: 'light', forcedColors: 'none', rules: 'all' },
  { name: 'at 400 %, dark', zoomed: true, colorScheme: 'dark', forcedColors: 'none', rules: 'all' },
  // At this size all rules have been checked just now.
  { name: 'at 400 %, forced colours', zoomed: true, colorScheme: 'light', forcedColors: 'active', rules: 'colours' },
] as const;

/** Controls that lie beyond the left or right edge and cannot be scrolled to: nobody can use them there. */
function cutOffControls(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
    const lost = [
      ...document.querySelectorAll(
        'button, a[href], input, select, textarea, [role="tab"], [role="menuitem"], [role="option"]',
      ),
    ].filter((control) => {
      const { left, right, width, height } = control.getBoundingClientRect();
      // What is for screen readers alone is one pixel wide; what is off the page altogether comes in when it is focused.
      const shown =
        width > 2 && height > 2 && control.checkVisibility({ visibilityProperty: true, opacityProperty: true });
      const beyond = (right > innerWidth + 1 && left < innerWidth) || (left < -1 && right > 0);
      return shown && beyond && !control.closest('[aria-hidden="true"], [inert]') && !scrolls(control.parentElement);
    });
    return lost.map((control) => `cut off at the edge: ${control.outerHTML.slice(0, 160)}`);
  });
}

/**
 * What is wrong with the page as it stands for anybody: what axe finds, whether it has to be scrolled sideways, and which controls are cut off. Motion is
 * reduced for every visitor. How screens look is not the database's doing: with PostgreSQL nothing is looked at.
 */
export async function allViolations(page: Page): Promise<string[]> {
  if (process.env.CAIRN_TEST_DATABASE_URL) return [];
  const size = page.viewportSize();
  const all: string[] = [];
  for (const { name, zoomed, colorScheme, forcedColors, rules } of VIEWPORTS) {
    if (zoomed) await page.setViewportSize(ZOOMED);
    await page.emulateMedia({ colorScheme, forcedColors });
    const found = await violations(page, rules);
    if (zoomed) {
      found.push(...(await cutOffControls(page)));
      if (await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth))
        found.push('it scrolls sideways');
    }
    all.push(...found.map((line) => `${name}: ${line}`));
    await savePicture(page, name);
  }
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  if (size) await page.setViewportSize(size);
  return all;
}

let pictures = 0;

/** A picture where `E2E_PICTURES` says, for who looks. */
async function savePicture(page: Page, name: string): Promise<void> {
  const folder = process.env.E2E_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  pictures += 1;
  const title = (await page.title()).replaceAll(/[^\w]+/g, '-').slice(0, 40);
  await page.screenshot({
    path: join(folder, `screen-${String(pictures).padStart(3, '0')}-${title}-${name.replaceAll(/[^\w]+/g, '-')}.png`),
  });
}
