// Pictures of each main screen, and axe's opinion of it. Called by `cargo xtask shots`.
//   node shots.mjs BASE OUT MODULES     MODULES: the folder that holds node_modules
import { createRequire } from 'node:module';
import path from 'node:path';

const [base, out, modules] = process.argv.slice(2);
const require = createRequire(path.join(modules, 'noop.js'));
const { chromium } = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');

const SCREENS = [{ name: 'root', path: '/', locales: ['en', 'nl'] }];
const WIDTHS = { desktop: [1280, 900], tablet: [820, 1180], phone: [390, 844] };

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
let problems = 0;
for (const screen of SCREENS) {
  for (const [width, [w, h]] of Object.entries(WIDTHS)) {
    for (const scheme of ['light', 'dark']) {
      for (const locale of screen.locales) {
        // The page's own policy forbids scripts; axe is one.
        const context = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: scheme, locale, bypassCSP: true });
        const page = await context.newPage();
        await page.goto(base + screen.path);
        if (locale === 'en') await page.screenshot({ path: path.join(out, `${screen.name}-${width}-${scheme}.png`) });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
        if (wide) {
          problems++;
          console.log(`${screen.name} ${width} ${scheme} ${locale}: scrolls sideways`);
        }
        await page.addScriptTag({ path: axe });
        const { violations } = await page.evaluate(() => axe.run());
        for (const v of violations) {
          problems++;
          console.log(`${screen.name} ${width} ${scheme} ${locale}: ${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes[0].target}`);
        }
        await context.close();
      }
    }
  }
}
await browser.close();
console.log(`${problems} problems`);
process.exit(problems ? 1 : 0);
