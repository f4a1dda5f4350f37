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

/** For so long, in milliseconds, nothing is fetched once a page is there: between one answer and what is asked because of it lies less. */
const IDLE_MS = 200;

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

/** A person at a browser of their own: their cookies, their storage, one page; and what went wrong on it. */
export class Visitor {
  /** Errors of scripts, and what the content security policy refused. */
  readonly troubles: string[] = [];
  /** What the page has asked for and not got yet. */
  private readonly waiting = new Set<Request>();

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
    // For a machine of a quarter of the speed.
    context.setDefaultTimeout(30_000);
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
  async quiet(): Promise<void> {
    do {
      let since = Date.now();
      while (Date.now() - since < IDLE_MS) {
        if (this.waiting.size > 0) since = Date.now();
        await this.page.waitForTimeout(20);
      }
      // On a busy machine the page may still be at work, and ask for more at its end. If it goes elsewhere meanwhile, that one is waited for.
      await this.page
        .evaluate(() => new Promise((next) => requestIdleCallback(next, { timeout: 5_000 })))
        .catch(() => undefined);
    } while (this.waiting.size > 0);
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
    page.on('request', (request) => this.waiting.add(request));
    page.on('requestfinished', (request) => this.waiting.delete(request));
    page.on('requestfailed', (request) => this.waiting.delete(request));
    page.on('pageerror', (error) => this.troubles.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|React|hydrat/i.test(message.text())) {
        this.troubles.push(message.text());
      }
    });
  }
}
