import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Chromium talks to nobody but the page's server. */
const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts Debian's browser. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: QUIET });
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
    context.setDefaultTimeout(10_000);
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
    page.on('pageerror', (error) => this.troubles.push(error.stack ?? error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy|React|hydrat/i.test(message.text())) {
        this.troubles.push(message.text());
      }
    });
  }
}
