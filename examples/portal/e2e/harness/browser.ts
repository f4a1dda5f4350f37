import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import {
  type Browser,
  type BrowserContextOptions,
  type BrowserServer,
  type Cookie,
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

let connection: Promise<Browser> | undefined;

/** The browser that the setup has started and ends. Files share the connection, and with it the pages below. */
export function connect(): Promise<Browser> {
  connection ??= chromium.connect(inject('browser'));
  return connection;
}

/** Pages that no test uses at present, by the options of their contexts: a new one costs as much processor time as six visits. */
const idlePages = new Map<string, Page[]>();

/** A new visitor of the site, without cookies, until the test ends. */
export async function visit(browser: Browser, site: string, options: BrowserContextOptions = {}): Promise<Page> {
  const complete = { baseURL: site, locale: 'nl-NL', ...options };
  const key = JSON.stringify(complete);
  const idle = idlePages.get(key) ?? [];
  idlePages.set(key, idle);
  const page = idle.pop() ?? (await openPage(browser, complete));
  onTestFinished(async () => {
    page.removeAllListeners();
    await page.goto('about:blank');
    await Promise.all([page.context().clearCookies(), page.context().clearPermissions()]);
    idle.push(page);
  });
  return page;
}

async function openPage(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
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
const sessions = new Map<string, Promise<Cookie[]>>();

/** A visitor who is signed in already, on the overview. The session is shared: not for tests that end it, or change the password. */
export async function enter(
  browser: Browser,
  site: string,
  user: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await visit(browser, site, options);
  await page.context().addCookies(await findSession(browser, site, user));
  await page.goto('/', { waitUntil: 'domcontentloaded' });
  return page;
}

/** What the site answers to somebody who is signed in. */
export async function getAs(browser: Browser, site: string, user: string, path: string): Promise<Response> {
  const cookies = await findSession(browser, site, user);
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return fetch(`${site}${path}`, { headers: { cookie }, redirect: 'manual' });
}

function findSession(browser: Browser, site: string, user: string): Promise<Cookie[]> {
  const key = `${site} ${user}`;
  const session = sessions.get(key) ?? readSession(browser, site, user);
  sessions.set(key, session);
  return session;
}

async function readSession(browser: Browser, site: string, user: string): Promise<Cookie[]> {
  const page = await signIn(browser, site, user, { javaScriptEnabled: false });
  return page.context().cookies();
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
