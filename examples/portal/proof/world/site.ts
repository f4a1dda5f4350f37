import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, Program, ROOT } from '../../e2e/harness/cairn.ts';
import type { ProofServer } from './server.ts';

const FOLDER = join(ROOT, 'examples/portal');

/** The built site of the customers, in front of a server. */
export class ProofSite {
  private constructor(
    readonly base: string,
    private readonly program: Program,
  ) {}

  static async start(server: ProofServer): Promise<ProofSite> {
    const listen = `127.0.0.1:${await freePort()}`;
    const base = `http://${listen}`;
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      CAIRN_URL: server.base,
      PORTAL_LISTEN: listen,
      PORTAL_SECRET: 'a secret of the proof that is long enough',
    };
    const log = join(server.project, 'site.log');
    return new ProofSite(base, await Program.start('node', [join(FOLDER, 'dist/main.js')], env, log, `${base}/health`));
  }

  /** Signs somebody in as a browser does. Returns the cookies of the session. */
  async signIn(email: string, password: string): Promise<string> {
    const page = await fetch(`${this.base}/sign-in`);
    const visit = cookiesOf(page);
    const token = /name="token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
    const body = new URLSearchParams({ token, identifier: email, password });
    const headers = { cookie: visit, origin: this.base };
    const answer = await fetch(`${this.base}/sign-in`, { method: 'POST', body, headers, redirect: 'manual' });
    if (answer.status !== 303) throw new Error(`${email}: ${answer.status} at the sign-in`);
    return `${visit}; ${cookiesOf(answer)}`;
  }

  async stop(): Promise<void> {
    await this.program.stop();
  }
}

/** The permissions of customers, as the site needs them. */
export const SITE_ROLES = JSON.parse(readFileSync(join(FOLDER, 'roles.json'), 'utf8')) as {
  roles: { authenticated: { permissions: object } };
};

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}
