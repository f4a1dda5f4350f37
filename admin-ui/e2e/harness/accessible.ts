import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const RULES: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  // No rule here reads the style sheets; read ahead, axe copies them into style elements, which the policy refuses now and then.
  preload: false,
};

/** What axe finds on the page as it stands, a line each: the rule, and where. */
export async function violations(page: Page): Promise<string[]> {
  // By the debugger's protocol, past the content security policy: the page keeps the one it is tested with.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(
    (rules) => (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(rules),
    RULES,
  );
  return found.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
  );
}

/** The same in light and in dark. */
export async function violationsInBothSchemes(page: Page): Promise<string[]> {
  const all: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const chosen = await page.evaluate(() => localStorage.getItem('mantine-color-scheme-value') ?? 'auto');
    const expected = chosen === 'auto' ? colorScheme : chosen;
    await page.waitForFunction((scheme) => document.documentElement.dataset.mantineColorScheme === scheme, expected);
    // Colours that change over time are measured on their way otherwise.
    await page.waitForTimeout(250);
    all.push(...(await violations(page)).map((line) => `${colorScheme}: ${line}`));
  }
  return all;
}
