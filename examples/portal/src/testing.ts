import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Vehicle } from './cairn/types.ts';
import { Assets } from './server/assets.ts';
import { renderPage } from './server/render.tsx';
import { Site } from './server/site.ts';
import { COOKIES } from './session/cookies.ts';
import { deriveKeys, formToken, type SiteKeys } from './session/seal.ts';
import { type Session, sealSession, startSession } from './session/session.ts';
import { readSettings } from './settings.ts';

const SECRET = 'a secret of the tests that is long enough';
const VISIT = 'visit';

/** Answers of Cairn, by the method and the path below `/api`. Others are 404. */
export type Answers = Record<string, { status?: number; body: unknown }>;

/** A page as a visitor gets it. */
export interface VisitedPage {
  status: number;
  html: string;
  location: string | null;
}

/** The site in front of a Cairn that gives the same answers always, visited by somebody who is signed in. */
export class TestSite {
  private readonly session: Session;
  private readonly site: Site;
  private readonly keys: SiteKeys;

  private constructor(
    private readonly server: Server,
    readonly now: number,
  ) {
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const settings = readSettings({ PORTAL_SECRET: SECRET, CAIRN_URL: `http://127.0.0.1:${port}` });
    const assets = Assets.load(join(import.meta.dirname, '../public'));
    this.keys = deriveKeys(SECRET);
    this.session = startSession('user', { token: 'token', refreshToken: undefined }, now);
    this.site = new Site(settings, assets, renderPage, () => now);
  }

  static async start(answers: Answers, now = Date.parse('2026-06-01T12:00:00Z')): Promise<TestSite> {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').replace(/^\/api/, '').split('?')[0];
      const { status = 200, body } = answers[`${request.method} ${path}`] ?? { status: 404, body: {} };
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new TestSite(server, now);
  }

  /** Opens a page in Dutch, or sends a form to it. */
  async open(path: string, form?: Record<string, string>): Promise<VisitedPage> {
    const cookies = { [COOKIES.visit]: VISIT, [COOKIES.session]: sealSession(this.keys, this.session) };
    const headers = new Headers({
      cookie: Object.entries(cookies)
        .map(([name, value]) => `${name}=${value}`)
        .join('; '),
      'accept-language': 'nl',
      'content-type': 'application/x-www-form-urlencoded',
    });
    const token = formToken(this.keys, VISIT, this.session.id);
    const response = await this.site.respond({
      url: new URL(path, 'http://portal.test'),
      method: form ? 'POST' : 'GET',
      headers,
      body: form ? new URLSearchParams({ ...form, token }).toString() : '',
      peer: '127.0.0.1',
      gone: new AbortController().signal,
    });
    return { status: response.status, html: await response.text(), location: response.headers.get('location') };
  }

  stop(): void {
    this.server.close();
  }
}

/** An answer to `GET /portal/me` with one vehicle; `parts`: what the lists of the dashboard contain. */
export function describeDashboard(vehicle: Partial<Vehicle>, parts: object = {}): Answers {
  const scope = {
    seesTimeline: true,
    seesDocuments: true,
    seesPayments: true,
    seesChoices: true,
    seesService: true,
  };
  const whole = { documentId: 'v', title: 'F22 – Anna', model: 'F22', role: 'owner', until: null, scope, ...vehicle };
  const lists = { timeline: [], documents: [], payments: [], choices: [], service: [], surveys: [], actions: [] };
  return { 'GET /portal/me': { body: { data: { name: 'Anna', vehicles: [whole], ...lists, ...parts } } } };
}
