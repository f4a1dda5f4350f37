import { rmSync } from 'node:fs';
import { join } from 'node:path';
import 'vitest';
import type { TestProject } from 'vitest/node';
import { TestApi } from './api.ts';
import { launch } from './browser.ts';
import { ADMIN, freePort, Program, removeProject, startCairn, TOKEN } from './cairn.ts';
import { MailReceiver } from './mail-receiver.ts';
import { createWorld, type World } from './world.ts';

const FOLDER = join(import.meta.dirname, '../..');

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the site. */
    site: string;
    /** The same, where sessions end after a few seconds. */
    hastySite: string;
    cairn: string;
    world: World;
    /** Address of the browser. */
    browser: string;
    /** Where mails can be read: a JSON list. */
    mails: string;
  }
}

/** Sessions of the hasty site end after so long. */
const HASTY_SECONDS = 8;

/** Starts Cairn with the customers of the tests, and the site twice. Returns what stops them. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const receiver = await MailReceiver.start();
  const sitePorts = [await freePort(), await freePort()];
  const site = `http://127.0.0.1:${sitePorts[0]}`;
  const cairn = await startCairn(settings(site), `[server]\ntrusted_proxies = ["127.0.0.1"]\n${receiver.config}`);
  const programs: Program[] = [cairn.program];
  const browser = await launch();
  const stop = async () => {
    await browser.close();
    for (const program of programs.reverse()) await program.stop();
    receiver.stop();
    removeProject(cairn.project);
  };
  try {
    const start = async (port: number | undefined, idleSeconds: number) => {
      const env = {
        ...process.env,
        NODE_ENV: 'production',
        CAIRN_URL: cairn.base,
        PORTAL_LISTEN: `127.0.0.1:${port}`,
        PORTAL_SECRET: 'a secret of the tests that is long enough',
        PORTAL_IDLE_SECONDS: String(idleSeconds),
        PORTAL_COMPONENTS: 'true',
      };
      const address = `http://127.0.0.1:${port}`;
      const log = join(cairn.project, `site-${port}.log`);
      rmSync(log, { force: true });
      programs.push(await Program.start('node', [join(FOLDER, 'dist/main.js')], env, log, `${address}/health`));
      return address;
    };
    const world = createWorld(new TestApi(cairn.base));
    provide('site', await start(sitePorts[0], 1800));
    provide('hastySite', await start(sitePorts[1], HASTY_SECONDS));
    provide('browser', browser.wsEndpoint());
    provide('cairn', cairn.base);
    provide('mails', await receiver.serve());
    provide('world', await world);
  } catch (error) {
    console.error(programs.map((program) => program.readLog()).join('\n'));
    await stop();
    throw error;
  }
  return stop;
}

function settings(site: string): object {
  return {
    locales: { default: 'nl', available: ['nl', 'en'] },
    theme: { accent: '#a3360f', zone: 'Europe/Amsterdam' },
    auth: {
      registration: { open: false },
      invitationUrl: `${site}/invitation`,
      resetPasswordUrl: `${site}/reset-password`,
    },
    adminUsers: [{ ...ADMIN, roles: ['super-admin'], firstName: 'Ada', lastName: 'Min', active: true }],
    apiTokens: [{ name: 'tests', type: 'full-access', token: TOKEN }],
  };
}
