import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

const ARTICLE_GRANT =
  '[[grant]]\nuse = "data.read"\ntypes = ["api::article.article"]\nreason = "Begins transactions."\n\n';

/** Adds the grant that a package which begins transactions needs. */
function grantArticles(folder: string): void {
  const file = join(folder, 'plugin.toml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('[[grant]]\n', `${ARTICLE_GRANT}[[grant]]\n`));
}

declare global {
  interface Window {
    /** In the page of `thief.js`. */
    sendForm: (action: string) => void;
  }
}

/** Of a plugin's page, what it may come to. */
const PERMITTED = 'worked: own route, own file, own module, own picture';

/** The addresses on this site that a page got an answer from, without those of the page itself. */
function answersOf(tab: Page): string[] {
  const answers: string[] = [];
  tab.on('response', (response) => {
    const url = new URL(response.url());
    if (url.protocol.startsWith('http') && url.pathname !== '/api/hostile/page/public') {
      answers.push(`${response.status()} ${url.pathname}`);
    }
  });
  return answers;
}

describe('a public page of a plugin', () => {
  const stage = startStage({
    settings: withAdmin({ ...TOKENS }),
    contentTypes: 'core/query/tests/model/content-types',
  });
  let other: Server;
  let elsewhere: string;
  const reached: string[] = [];

  beforeAll(async () => {
    other = createServer((request, response) => {
      reached.push(request.url ?? '');
      response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/javascript' }).end('');
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    other.close();
  });

  test('reaches no cookie, no admin, no other plugin and no other site', async () => {
    const visitor = await stage.admin('/plugins');
    const { context } = visitor;
    await installPlugin(visitor, 'hostile', 'plugins/guests', {
      look: (dialog) => dialog.getByText(/Shows pages to visitors/).waitFor(),
    });
    await visitor.open('/plugins');
    // The one that it tries to reach.
    await installPlugin(visitor, 'teller', 'plugins/guests', { change: grantArticles });

    // In a tab of the administrator's browser, with the same cookies.
    const tab = await context.newPage();
    const opened = context.pages().length;
    const answers = answersOf(tab);
    await tab.goto(`${stage.server.base}/api/hostile/page/public#${elsewhere}`);
    await tab.waitForFunction(() => (document.getElementById('out')?.textContent ?? '') !== '', undefined, {
      timeout: 120_000,
    });
    expect(await tab.locator('#out').textContent()).toBe(PERMITTED);
    // Its style is loaded, from its package.
    expect(await tab.locator('#out').evaluate((out) => getComputedStyle(out).color)).toBe('rgb(1, 2, 3)');
    // No form takes it anywhere, and nothing opened a window.
    for (const action of [`${elsewhere}/form`, '/api/teller/ask', '/admin/api/users']) {
      const refusal = tab.waitForEvent('console', (message) => message.text().includes('form-action'));
      await tab.evaluate((target) => window.sendForm(target), action);
      await refusal;
    }
    expect(new URL(tab.url()).pathname).toBe('/api/hostile/page/public');
    expect(context.pages().length).toBe(opened);
    expect(reached).toEqual([]);
    // Whatever it tried, of this site it got only what is its own, and the refusal of its redirects.
    const foreign = answers.filter((answer) => !/^\d+ \/(plugins\/hostile|api\/hostile)\//.test(answer));
    expect(foreign).toEqual([]);
    const redirects = answers.filter((answer) => answer.includes('/hop/redirect'));
    expect(redirects.length).toBeGreaterThan(0);
    expect(redirects.every((answer) => answer.startsWith('403 '))).toBe(true);
    await tab.close();

    // A picture that is a script has no origin when it is opened by itself.
    const picture = await context.newPage();
    await picture.goto(`${stage.server.base}/plugins/hostile/1.0.0/dot.svg`);
    expect(await picture.evaluate(() => document.documentElement.getAttribute('data-origin'))).toBe('null');
    await picture.close();

    // A script of the package does not run in a page that has this site's origin.
    const own = await context.newPage();
    await own.goto(`${stage.server.base}/admin/plugins`);
    const ran = await own.evaluate(
      () =>
        new Promise((done) => {
          const script = document.createElement('script');
          script.addEventListener('load', () => done('ran'));
          script.addEventListener('error', () => done('refused'));
          script.src = '/plugins/hostile/1.0.0/worker.js';
          document.body.append(script);
        }),
    );
    expect(ran).toBe('refused');
    await own.close();
  });
});
