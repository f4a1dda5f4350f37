// What the scripts of `cargo xtask shots --of …` share: the browser, the widths, and a picture with axe's opinion of it.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

export const WIDTHS = { desktop: [1280, 900], tablet: [820, 1180], phone: [390, 844] };
export const SCHEMES = ['light', 'dark'];

/** Takes pictures; `modules`: the folder that has node_modules. */
export class Photographer {
  /** Number of what axe found, and of pages that scroll sideways. */
  problems = 0;

  static async start(out, modules) {
    const require = createRequire(path.join(modules, 'noop.js'));
    const { chromium } = require('playwright-core');
    const photographer = new Photographer();
    photographer.out = out;
    photographer.axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    photographer.browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return photographer;
  }

  /** The state of a session that `signIn` begins in a context of its own. */
  async session(options, signIn) {
    const context = await this.browser.newContext(options);
    await signIn(context);
    const state = await context.storageState();
    await context.close();
    return state;
  }

  /** Opens a page as somebody with these options, lets axe look at it, and stores its picture by that name, if it has one. */
  async take({ name, address, width, scheme, locale, session, open, isKept }) {
    const [w, h] = WIDTHS[width];
    const context = await this.browser.newContext({
      viewport: { width: w, height: h },
      colorScheme: scheme,
      locale,
      reducedMotion: 'reduce',
      storageState: session,
    });
    const page = await context.newPage();
    await page.goto(typeof address === 'string' ? address : await address(page));
    await page.waitForLoadState('networkidle');
    await page.locator('h1').first().waitFor();
    await open?.(page);
    await page.waitForTimeout(300);
    if (isKept) await page.screenshot({ path: path.join(this.out, `${name}-${width}-${scheme}.png`) });
    const tell = (problem) => {
      this.problems++;
      console.log(`${name} ${width} ${scheme} ${locale}: ${problem}`);
    };
    if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) tell('scrolls sideways');
    // By the debugger's protocol: the page's own policy forbids scripts of others.
    await page.evaluate(this.axe);
    const { violations } = await page.evaluate(() => axe.run());
    for (const v of violations) tell(`${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes[0].target}`);
    await context.close();
  }

  /** Closes the browser and ends the script: with 1 if there was a problem. */
  async finish() {
    await this.browser.close();
    console.log(`${this.problems} problems`);
    process.exit(this.problems ? 1 : 0);
  }
}

/** Signs somebody in to the admin. */
export async function signInToAdmin(context, base, email, password) {
  const answer = await context.request.post(`${base}/admin/api/login`, { data: { email, password } });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
}
