// @module-tag full
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

interface Person {
  email: string;
}

describe('a page served by a plugin route', () => {
  const stage = startStage({
    settings: withAdmin({ ...TOKENS }),
    contentTypes: 'core/query/tests/model/content-types',
  });

  test('cannot act for a signed-in administrator', async () => {
    const visitor = await stage.admin('/plugins');
    const { page, context } = visitor;
    await installPlugin(visitor, 'hostile', 'plugins/guests', {
      // Who consents is told that anybody may open it.
      look: (dialog) => dialog.getByText('Handles GET /api/hostile/page/{trial}: anyone may call this').waitFor(),
    });
    // Whom no token is told of.
    const anna = await stage.api.as(ADMIN);
    const people = async (): Promise<string[]> =>
      (await anna.admin<Person[]>('GET', '/users')).map(({ email }) => email);
    const before = await people();

    for (const name of ['thief', 'thief.xhtml']) {
      // In a tab of the same browser, with the same cookies.
      const tab = await context.newPage();
      const downloads: string[] = [];
      tab.on('download', (download) => downloads.push(download.url()));
      const opened = context.pages().length;
      await tab.goto(`${stage.server.base}/api/hostile/page/${name}`);
      await tab.waitForFunction(() => (document.getElementById('out')?.textContent ?? '') !== '');
      expect(await tab.locator('#out').textContent(), name).toBe('worked: ');
      expect(downloads, name).toEqual([]);
      expect(context.pages().length, name).toBe(opened);
      await tab.close();
    }

    // A form of such a page is sent to nobody but its own plugin.
    const tab = await context.newPage();
    await tab.goto(`${stage.server.base}/api/hostile/page/thief`);
    const refused = tab.waitForEvent('console', (message) => message.text().includes('form-action'));
    await tab.evaluate(() => {
      const form = document.createElement('form');
      form.method = 'post';
      form.action = '/admin/api/users';
      form.enctype = 'text/plain';
      const input = document.createElement('input');
      input.name = '{"email":"eve@example.com","roles":["super-admin"],"x":"';
      input.value = '"}';
      form.append(input);
      document.body.append(form);
      form.submit();
    });
    await refused;
    expect(new URL(tab.url()).pathname).toBe('/api/hostile/page/thief');
    await tab.close();

    // A link of such a page, and a redirect, lead on as a stranger's do: nothing is saved, and nobody is signed in there.
    const link = await context.newPage();
    const saved: string[] = [];
    link.on('download', (download) => saved.push(download.url()));
    await link.goto(`${stage.server.base}/api/hostile/page/thief`);
    await Promise.all([
      link.waitForURL('**/admin/api/session'),
      link.evaluate(() => {
        const made = document.createElement('a');
        made.href = '/api/hostile/page/redirect';
        made.download = 'session.json';
        document.body.append(made);
        made.click();
      }),
    ]);
    expect(await link.evaluate(() => document.body.textContent)).toContain('"signedIn":false');
    expect(saved).toEqual([]);
    await link.close();

    // A picture that is a script.
    const picture = await context.newPage();
    await picture.goto(`${stage.server.base}/api/hostile/page/thief.svg`);
    expect(await picture.evaluate(() => document.documentElement.getAttribute('data-origin'))).toBe('null');
    await picture.close();

    // In a frame of the admin's own origin nothing is shown of it, and no worker is made of its scripts from there either.
    const own = await context.newPage();
    await own.goto(`${stage.server.base}/admin/plugins`);
    const framed = await own.evaluate(async () => {
      const frame = document.createElement('iframe');
      frame.src = '/api/hostile/page/thief';
      // One that is refused is loaded too, with the browser's own page.
      const loaded = new Promise((done) => frame.addEventListener('load', done));
      document.body.append(frame);
      await loaded;
      let seen: string | null | undefined;
      try {
        seen = frame.contentDocument?.getElementById('out')?.textContent;
      } catch {
        seen = undefined;
      }
      frame.remove();
      return seen ?? 'nothing';
    });
    expect(framed).toBe('nothing');
    await own.close();
    const worker = await fetch(`${stage.server.base}/api/hostile/page/worker.js`, {
      headers: { 'Service-Worker': 'script' },
    });
    expect(worker.status).toBe(403);

    expect(await people()).toEqual(before);
    expect(before).not.toContain('eve@example.com');
    // The admin is what it was, and nobody stands between it and the server.
    await visitor.open('/plugins');
    await page.getByRole('heading', { name: 'Plugins', level: 1 }).waitFor();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  });
});
