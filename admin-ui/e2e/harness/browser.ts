import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from 'playwright-core';
import type { Account } from './accounts';
import { extendLimit, STEP_LIMIT } from './patience';

/** Chromium talks to nobody but the page's server. */
const OFFLINE_SWITCHES = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * What Chromium does not do here. It obeys the last such switch only, so Playwright's own list (`chromiumSwitches.ts`) is repeated. New are the
 * suggestions of the address bar: two web pages in a process of their own for each window, which nobody sees. They took 0.7 of the 1.1
 * seconds of processor time that an empty window takes.
 */
const DISABLED_FEATURES = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AimEnabled',
  'AvoidCorsURLLoaderRestartOnRedirect',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
];

/** Rounds of a page's own work without a request, after which nothing more is fetched: between an answer and what is asked because of it lie fewer. */
const QUIET_ROUNDS = 3;
/** Longest time in milliseconds until a page is idle. One that is at work for ever is not waited for. */
const IDLE_LIMIT = extendLimit(1_000);
/** Longest time in milliseconds until nothing is fetched. A request that is never answered is not waited for: what is looked for next is missing then. */
const QUIET_LIMIT = extendLimit(40_000);

/** The requests of a page. */
interface Traffic {
  /** Those without an answer so far. */
  readonly open: Set<Request>;
  /** Number of those that were ever sent. */
  sent: number;
}

const trafficOf = new WeakMap<Page, Traffic>();

function newTraffic(): Traffic {
  return { open: new Set(), sent: 0 };
}

/** Starts Debian's browser; `more`: switches for what one file needs of it. */
export function launch(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [...OFFLINE_SWITCHES, `--disable-features=${DISABLED_FEATURES.join()}`, ...more],
  });
}

/** Waits until colours and menus are no longer on their way. What turns for ever is not waited for. */
export async function waitUntilStill(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Two frames: what was changed just now has begun to move by then.
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
    await Promise.all(ending.map((one) => one.finished.catch(() => undefined)));
  });
}

/**
 * Waits until nothing is fetched any more: for a page of ours that means that what it shows is there. Counted in rounds of the page's own work and
 * not by a clock: on a busy machine they take longer, as does what happens between two requests. Of pages that no visitor has, only the work is
 * waited for.
 */
export async function waitUntilQuiet(page: Page): Promise<void> {
  const traffic = trafficOf.get(page) ?? newTraffic();
  const until = Date.now() + QUIET_LIMIT;
  let rounds = 0;
  while (rounds < QUIET_ROUNDS && Date.now() < until) {
    const before = traffic.sent;
    const isDone = await finishRound(page);
    rounds = isDone && traffic.open.size === 0 && traffic.sent === before ? rounds + 1 : 0;
  }
}

/** Lets the page draw twice and do what is left to do; whether it was still there at the end. */
async function finishRound(page: Page): Promise<boolean> {
  return page
    .evaluate(async (timeout) => {
      await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
      await new Promise((next) => requestIdleCallback(next, { timeout }));
      return true;
    }, IDLE_LIMIT)
    .catch((error: unknown) => {
      if (page.isClosed()) throw error;
      // It went elsewhere meanwhile; that page is waited for.
      return false;
    });
}

/** A person at a browser of their own: their cookies, their storage, one page; and what went wrong on it. */
export class Visitor {
  /** Errors of scripts, and what the content security policy refused. */
  readonly troubles: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
    readonly base: string,
  ) {}

  /** Opens a browser window on a server; English and wide unless something else is said. */
  static async at(browser: Browser, base: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const context = await browser.newContext({
      baseURL: base,
      locale: 'en-GB',
      timezoneId: 'Europe/Amsterdam',
      viewport: { width: 1280, height: 800 },
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(STEP_LIMIT);
    const page = await context.newPage();
    const visitor = new Visitor(context, page, base);
    visitor.watch(page);
    return visitor;
  }

  /** Goes to an address below `/admin` and waits for its heading. */
  async open(path: string): Promise<void> {
    await this.page.goto(`/admin${path}`);
    await this.page.locator('[data-page-title]').first().waitFor();
  }

  /**
   * Goes on to an address below `/admin` as a link does, without loading the application again, and waits for the heading that comes. An address
   * that differs by its search only keeps its heading.
   */
  async goOn(path: string): Promise<void> {
    const other = await this.page.evaluate((to) => {
      const before = location.pathname;
      document.querySelector('[data-page-title]')?.setAttribute('data-left', '');
      history.pushState({}, '', to);
      return location.pathname !== before;
    }, `/admin${path}`);
    await this.page
      .locator(other ? '[data-page-title]:not([data-left])' : '[data-page-title]')
      .first()
      .waitFor();
  }

  /** Waits until nothing is fetched any more: for this page that means that what it shows is there. */
  quiet(): Promise<void> {
    return waitUntilQuiet(this.page);
  }

  /** Waits until colours and menus are no longer on their way. What turns for ever is not waited for. */
  still(): Promise<void> {
    return waitUntilStill(this.page);
  }

  /**
   * Starts a session without the form, whose page would be loaded for it alone; the form has tests of its own. The request is sent as the
   * browser sends it, with its user agent, so each visitor has a session as by the form.
   */
  async startSession({ email, password }: Account): Promise<void> {
    const response = await this.context.request.post('/admin/api/login', { data: { email, password } });
    if (!response.ok()) throw new Error(`sign-in of ${email}: ${response.status()} ${await response.text()}`);
  }

  /** Signs in by the form that is on the page. */
  async signIn(email: string, password: string): Promise<void> {
    await this.page.locator('input[name="email"]').fill(email);
    await this.page.locator('input[name="password"]').fill(password);
    await this.page.locator('form:has(input[name="password"]) button[type="submit"]').click();
    await this.page.locator('nav').first().waitFor({ state: 'attached' });
  }

  /** What is focused, as somebody hears it: role and name. */
  async focused(): Promise<{ tag: string; name: string }> {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      return {
        tag: element?.tagName.toLowerCase() ?? '',
        name: element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '',
      };
    });
  }

  /** Whether something of the page lies beyond its right edge: at 320 px nobody should have to scroll sideways. */
  async scrollsSideways(): Promise<boolean> {
    return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  }

  /** Keeps a picture where `E2E_PICTURES` says, for who looks into a failure. */
  async picture(name: string): Promise<void> {
    const folder = process.env.E2E_PICTURES;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  private watch(page: Page): void {
    const traffic = newTraffic();
    trafficOf.set(page, traffic);
    page.on('request', (request) => {
      // What stays open to hear of changes is nothing that the page waits for.
      if (request.resourceType() === 'eventsource') return;
      traffic.open.add(request);
      traffic.sent += 1;
    });
    page.on('requestfinished', (request) => traffic.open.delete(request));
    page.on('requestfailed', (request) => traffic.open.delete(request));
    page.on('pageerror', (error) => this.troubles.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|React|hydrat/i.test(message.text())) {
        this.troubles.push(message.text());
      }
    });
  }
}
