// @module-tag full
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ADMIN, startStage, TOKENS, withAdmin } from './harness';
import { installPlugin } from './harness/plugins';

/** A page that calls a route of its plugin, which is for admins. */
const SCRIPT = `cairn.ready.then(async () => {
  const { status, body } = await cairn.call('POST', '/echo/x', { a: 1 });
  document.querySelector('output').textContent = status + ' ' + body.call?.actor.kind;
});`;

/** The guest that behaves, with a page in the admin and a route for admins. */
function withBoard(folder: string): void {
  const manifest = join(folder, 'plugin.toml');
  const text = readFileSync(manifest, 'utf8').replace(
    'path = "/echo/{word}"\nauth = "none"',
    'path = "/echo/{word}"\nauth = "admin"\npermission = "board.read"',
  );
  const more =
    '\n[[permission]]\nname = "board.read"\ntitle = "See the board"\n\n[[admin.view]]\nname = "board"\nkind = "page"\ntitle = "Board"\npath = "/board"\nframe = "admin/board/index.html"\n';
  writeFileSync(manifest, text + more);
  const admin = join(folder, 'admin/board');
  mkdirSync(admin, { recursive: true });
  writeFileSync(
    join(admin, 'index.html'),
    '<!doctype html><html lang="en"><title>Board</title><body><output></output><script src="cairn-kit.js"></script><script src="board.js"></script></body></html>',
  );
  writeFileSync(join(admin, 'board.js'), SCRIPT);
  copyFileSync(join(import.meta.dirname, '../../plugins/kit/cairn-kit.js'), join(admin, 'cairn-kit.js'));
}

describe('the session cookie of an administrator', () => {
  const stage = startStage({
    settings: withAdmin({ ...TOKENS }),
    contentTypes: 'core/query/tests/model/content-types',
  });

  test('is sent to the admin and never below /api, whichever page makes the request', async () => {
    const { page, context } = await stage.admin('/plugins');
    const kept = async (): Promise<unknown[]> =>
      (await context.cookies())
        .filter(({ name }) => name === 'cairn_admin')
        .map(({ path, httpOnly, sameSite }) => ({ path, httpOnly, sameSite }));
    const wanted = [{ path: '/admin', httpOnly: true, sameSite: 'Strict' }];
    expect(await kept()).toEqual(wanted);
    expect(await page.evaluate(() => document.cookie)).not.toContain('cairn_admin');

    // By the admin's own pages, which browsers keep others away from.
    const asked = async (path: string): Promise<{ status: number; cookie: string }> => {
      const [request, status] = await Promise.all([
        page.waitForRequest((sent) => new URL(sent.url()).pathname === path),
        page.evaluate(async (to) => (await fetch(to, { credentials: 'include' })).status, path),
      ]);
      return { status, cookie: (await request.allHeaders()).cookie ?? '' };
    };
    expect(await asked('/admin/api/upload/files')).toMatchObject({
      status: 200,
      cookie: expect.stringContaining('cairn_admin='),
    });
    for (const path of ['/api/upload/files', '/api/live', '/api/articles', '/api/users/me'])
      expect(await asked(path), path).toEqual({ status: 403, cookie: '' });
    const tab = await context.newPage();
    const [opened] = await Promise.all([
      tab.waitForRequest('**/api/upload/files'),
      tab.goto(`${stage.server.base}/api/upload/files`),
    ]);
    expect((await opened.allHeaders()).cookie).toBeUndefined();
    expect(await tab.evaluate(() => document.body.textContent)).toContain('ForbiddenError');
    await tab.close();

    // One that an earlier version set for the whole host goes with the next sign-in.
    await context.addCookies([
      {
        name: 'cairn_admin',
        value: 'of-before',
        domain: new URL(stage.server.base).hostname,
        path: '/',
        httpOnly: true,
        sameSite: 'Strict',
      },
    ]);
    expect(await kept()).toHaveLength(2);
    const signedIn = await page.evaluate(
      async (who) =>
        (
          await fetch('/admin/api/login', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify(who),
          })
        ).status,
      ADMIN,
    );
    expect(signedIn).toBe(200);
    expect(await kept()).toEqual(wanted);
    expect((await asked('/admin/api/me')).status).toBe(200);
  });

  test("reaches a plugin's routes when its own page in the admin calls them", async () => {
    const visitor = await stage.admin('/plugins');
    const { page } = visitor;
    await installPlugin(visitor, 'allow', 'plugins/guests', { change: withBoard });
    const called = page.waitForRequest('**/admin/api/plugin-routes/allow/echo/x');
    await visitor.open('/plugins/allow/pages/board');
    await page.frameLocator('iframe').frameLocator('iframe').getByText('200 admin').waitFor();
    expect((await (await called).allHeaders()).cookie).toContain('cairn_admin=');
  });
});
