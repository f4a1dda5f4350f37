import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { ADMIN_TOKENS, Api } from './api';
import { ADMIN, type Account } from './accounts';
import { launch, Visitor } from './browser';
import { type ProjectSetup, Server } from './server';

export { violations, allViolations, violationsInBothSchemes } from './accessibility';
export { ADMIN, BERT } from './accounts';
export { ADMIN_TOKEN, Api, TOKEN, TOKENS } from './api';
export type { Visitor } from './browser';
export { User } from './user';
export { countInput, type InputCount } from './countInput';
export { inThreeSeconds, inAnHour, writeMoment, ZONE } from './dates';
export { png } from './png';

type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;

/** Settings with an administrator, and others with their roles, for tests that do not begin at the first start. */
export function withAdmin(more: object = {}, others: readonly object[] = []): object {
  return { adminUsers: [{ ...ADMIN, roles: ['super-admin'] }, ...others], ...ADMIN_TOKENS, ...more };
}

/** A server and a browser for the tests of one file. */
export interface Stage {
  readonly server: Server;
  /** Asks the server past the pages; the settings need `TOKENS`. */
  readonly api: Api;
  /** Opens a browser window of somebody's own. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
  /** The same, signed in as the administrator, in a session of their own. */
  admin(path?: string, options?: BrowserContextOptions): Promise<Visitor>;
  /** The same, as somebody: signed in the first time, later in the same session. */
  as(person: Account, path?: string, options?: BrowserContextOptions): Promise<Visitor>;
}

/**
 * Starts the server and the browser before the tests of a file, and stops them after. A script's error or a refused policy fails the file. `switches`
 * are the browser's; `limit` is for a project that takes long to make, in milliseconds.
 */
export function startStage(setup: ProjectSetup, switches: readonly string[] = [], limit?: number): Stage {
  let server: Server;
  let browser: Browser;
  const visitors: Visitor[] = [];
  beforeAll(async () => {
    [server, browser] = await Promise.all([Server.start(setup), launch(switches)]);
  }, limit);
  afterAll(async () => {
    const troubles = visitors.flatMap((visitor) => visitor.troubles);
    await browser.close();
    await server.stop();
    expect(troubles, 'errors on the pages').toEqual([]);
  });
  const visitor = async (options?: BrowserContextOptions): Promise<Visitor> => {
    const made = await Visitor.at(browser, server.base, options);
    visitors.push(made);
    return made;
  };
  const sessions = new Map<string, Cookies>();
  const signedIn = async (person: Account, path = '/', options?: BrowserContextOptions): Promise<Visitor> => {
    const made = await visitor(options);
    await made.startSession(person);
    await made.open(path);
    await made.page.locator('main [data-page-title]').waitFor();
    return made;
  };
  const as: Stage['as'] = async (person, path = '/', options) => {
    const known = sessions.get(person.email);
    if (!known) {
      const made = await signedIn(person, path, options);
      sessions.set(person.email, await made.context.cookies());
      return made;
    }
    const made = await visitor(options);
    await made.context.addCookies(known);
    await made.open(path);
    await made.page.locator('main [data-page-title]').waitFor();
    return made;
  };
  return {
    get server() {
      return server;
    },
    api: new Api(() => server),
    visitor,
    as,
    admin: (path, options) => signedIn(ADMIN, path, options),
  };
}
