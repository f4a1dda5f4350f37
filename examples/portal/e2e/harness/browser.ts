import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type BrowserServer,
  chromium,
  type Page,
} from 'playwright-core';
import { inject, onTestFinished } from 'vitest';
import { PASSWORD } from './world.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

/** The rules whose result depends on colours: the others were checked in the light scheme, on the same pages. */
const COLOUR_RULES: RunOptions = {
  ...RULES,
  runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] },
};

/** Starts the browser of this machine, which all files of tests share. */
export function launch(): Promise<BrowserServer> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launchServer({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args });
}

/** The browser that the setup has started. */
export function connect(): Promise<Browser> {
  return chromium.connect(inject('browser'));
}

/** A new visitor of the site, with cookies of their own, who leaves when the test ends: open pages cost processor time. */
export async function visit(browser: Browser, site: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: site, locale: 'nl-NL', ...options });
  context.setDefaultTimeout(20_000);
  onTestFinished(() => context.close());
  return context.newPage();
}

/** Fills in the form to sign in, and sends it. */
export async function fillSignIn(page: Page, identifier: string, password: string = PASSWORD): Promise<void> {
  await page.locator('[name=identifier]').fill(identifier);
  await page.locator('[name=password]').fill(password);
  await page.locator('main button').click();
}

/** A visitor who is signed in. */
export async function signIn(
  browser: Browser,
  site: string,
  user: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await visit(browser, site, options);
  await page.goto('/sign-in');
  await fillSignIn(page, user);
  // Pictures that nobody has seen in their size yet take a while.
  await page.waitForURL(`${site}/`, { waitUntil: 'domcontentloaded' });
  return page;
}

/** Cookies of those who have signed in, by the site and their name. */
const sessions = new Map<string, Promise<Awaited<ReturnType<BrowserContext['storageState']>>>>();

/** A visitor who is signed in already, on the overview. The session is shared: not for tests that end it, or change the password. */
export async function enter(
  browser: Browser,
  site: string,
  user: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const key = `${site} ${user}`;
  const session = sessions.get(key) ?? readCookies(browser, site, user);
  sessions.set(key, session);
  const page = await visit(browser, site, { ...options, storageState: await session });
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  return page;
}

async function readCookies(browser: Browser, site: string, user: string) {
  const page = await signIn(browser, site, user, { javaScriptEnabled: false });
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}

/** Findings of axe on a page, a line each. `rules`: all, or only those on colours. */
export async function findViolations(page: Page, rules: 'all' | 'colours' = 'all'): Promise<string[]> {
  // By the debugger's protocol, past the content security policy: the page keeps the one it is tested with.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(
    (options) => (globalThis as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } }).axe.run(options),
    rules === 'all' ? RULES : COLOUR_RULES,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html}`));
}

/** True if a page is wider than the window. */
export async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}
