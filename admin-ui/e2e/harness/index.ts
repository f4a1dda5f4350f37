import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { launch, Visitor } from './browser';
import { type Ground, Server } from './server';

export { violations, violationsInBothSchemes } from './accessible';
export type { Visitor } from './browser';

/** The administrator of `withAdmin`. */
export const ADMIN = { email: 'anna@example.com', password: 'correct horse battery staple' };

/** Settings with an administrator, for goals that do not begin at the first start. */
export function withAdmin(more: object = {}): object {
  return { adminUsers: [{ ...ADMIN, roles: ['super-admin'] }], ...more };
}

/** A server and a browser for the goals of one file. */
export interface Stage {
  readonly server: Server;
  /** Opens a browser window of somebody's own. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
  /** The same, signed in as the administrator. */
  admin(path?: string, options?: BrowserContextOptions): Promise<Visitor>;
}

/** Sets the stage before the goals of a file, and clears it after them. A script's error or a refused policy fails the file. */
export function stage(ground: Ground): Stage {
  let server: Server;
  let browser: Browser;
  const visitors: Visitor[] = [];
  beforeAll(async () => {
    [server, browser] = await Promise.all([Server.start(ground), launch()]);
  });
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
  return {
    get server() {
      return server;
    },
    visitor,
    async admin(path = '/', options) {
      const made = await visitor(options);
      await made.open(path);
      await made.signIn(ADMIN.email, ADMIN.password);
      await made.page.locator('main [data-page-title]').waitFor();
      return made;
    },
  };
}
