import { redirect } from 'react-router';
import { CairnApi, hasStatus } from './cairn/api.ts';
import { getDashboard } from './cairn/portal.ts';
import type { SignedIn } from './cairn/sign-in.ts';
import type { Theme } from './cairn/theme.ts';
import type { Dashboard, Vehicle } from './cairn/types.ts';
import { Format } from './i18n/format.ts';
import type { Language } from './i18n/texts.ts';
import { COOKIES, type CookieJar } from './session/cookies.ts';
import { type Draft, readDraft, removeDraft, storeDraft } from './session/draft.ts';
import { formToken, type SiteKeys } from './session/seal.ts';
import { endSession, type Session, type SessionState, sealSession, startSession } from './session/session.ts';

/** Parts of one request. */
export interface RequestParts {
  url: URL;
  method: string;
  /** The fields of a form that was sent. */
  form: URLSearchParams;
  cookies: Map<string, string>;
  jar: CookieJar;
  keys: SiteKeys;
  visit: string;
  session: SessionState;
  language: Language;
  theme: Theme;
  /** Network address of the visitor. */
  address: string;
  /** Address of the site, as visitors reach it. */
  siteUrl: URL;
  showsComponents: boolean;
  cairn: URL;
  now: number;
  idleSeconds: number;
}

/** Vehicles of a customer, and the one that the page shows. */
export interface Portal {
  dashboard: Dashboard;
  vehicle: Vehicle | undefined;
}

/** The view of a request that loaders and actions of pages work with. */
export class PageContext {
  readonly format: Format;
  private portal: Promise<Portal> | undefined;

  constructor(readonly parts: RequestParts) {
    this.format = new Format(parts.language, parts.theme.timeZone);
  }

  /** The page's path with its query. */
  get path(): string {
    return `${this.parts.url.pathname}${this.parts.url.search}`;
  }

  /** A parameter of the page's address; empty if it is not there. */
  query(name: string): string {
    return this.parts.url.searchParams.get(name) ?? '';
  }

  /** A field of the form that was sent, without spaces around it; empty if it is not there. */
  field(name: string): string {
    return (this.parts.form.get(name) ?? '').trim();
  }

  /** The values of a field that can be sent several times. */
  fields(name: string): string[] {
    return this.parts.form.getAll(name);
  }

  /** The token that forms of this page carry. */
  get formToken(): string {
    const { keys, visit, session } = this.parts;
    return formToken(keys, visit, session.kind === 'none' ? '' : session.session.id);
  }

  /** Cairn's API for visitors who are not signed in. */
  get publicApi(): CairnApi {
    const { cairn, language, address } = this.parts;
    return new CairnApi(cairn, { language, address });
  }

  /** Does something with Cairn's API as the person who is signed in. Throws a redirect to the sign-in where nobody is, or Cairn says so. */
  async asCustomer<T>(work: (api: CairnApi) => Promise<T>): Promise<T> {
    const { cairn, language, address } = this.parts;
    const { token } = this.requireSession();
    try {
      return await work(new CairnApi(cairn, { language, address, token }));
    } catch (error) {
      if (hasStatus(error, 401)) throw this.redirectToSignIn();
      throw error;
    }
  }

  /** The session. Throws a redirect to the sign-in where there is none. */
  requireSession(): Session {
    const { session } = this.parts;
    if (session.kind !== 'live') throw this.redirectToSignIn();
    return session.session;
  }

  /** The customer's dashboard, read once for a page, and the vehicle that `?vehicle=` names. */
  async loadPortal(): Promise<Portal> {
    this.portal ??= this.asCustomer(getDashboard).then((dashboard) => {
      const id = this.query('vehicle');
      const { vehicles } = dashboard;
      const vehicle = id ? vehicles.find(({ documentId }) => documentId === id) : chooseVehicle(vehicles);
      if (id && !vehicle) throw notFound();
      return { dashboard, vehicle };
    });
    return this.portal;
  }

  /** Signs somebody in, in a session of its own, and returns the redirect to the page that they go on to. */
  startSession(signedIn: SignedIn, next: string): Response {
    const { jar, now, cookies, session } = this.parts;
    // A form that somebody else had filled in here before is not for the person who signs in now.
    if (session.kind !== 'none' && session.session.user !== signedIn.user) removeDraft(cookies, jar);
    this.storeSession(startSession(signedIn.user, signedIn, now));
    return redirect(next, 303);
  }

  /** Replaces the session of this request. */
  storeSession(session: Session): void {
    const { keys, jar } = this.parts;
    this.parts.session = { kind: 'live', session };
    jar.set(COOKIES.session, sealSession(keys, session));
  }

  /** Forgets who was signed in, and what they typed. */
  forgetSession(): void {
    const { jar, cookies } = this.parts;
    jar.remove(COOKIES.session);
    if (cookies.has(COOKIES.share)) jar.remove(COOKIES.share);
    removeDraft(cookies, jar);
    this.parts.session = { kind: 'none' };
  }

  /** The redirect to the sign-in, which leads back here. A form that was sent is kept for whoever filled it in. */
  redirectToSignIn(): Response {
    const { session, jar, keys } = this.parts;
    const target = new URLSearchParams(this.path === '/' ? {} : { next: this.path });
    if (session.kind !== 'none') {
      target.set('ended', this.keepForm(session.session.user));
      this.parts.session = { kind: 'ended', session: endSession(session.session) };
      jar.set(COOKIES.session, sealSession(keys, endSession(session.session)));
    }
    return redirect(target.size > 0 ? `/sign-in?${target}` : '/sign-in', 303);
  }

  private keepForm(user: string): string {
    const { method, form, keys, jar } = this.parts;
    if (method !== 'POST') return 'idle';
    // No password is kept, sealed or not.
    const fields = [...form].filter(([name]) => name !== 'token' && !name.toLowerCase().includes('password'));
    return storeDraft(keys, jar, { user, path: this.path, fields }) ? 'draft' : 'lost';
  }

  /** The form of this page that the person was filling in when their session ended. */
  readDraft(): Draft | undefined {
    const { session, keys, cookies } = this.parts;
    return session.kind === 'live' ? readDraft(keys, cookies, session.session.user, this.path) : undefined;
  }

  /** Removes what was kept of a form, once it was sent. */
  removeDraft(): void {
    removeDraft(this.parts.cookies, this.parts.jar);
  }
}

/** The vehicle that is shown first: one that is being built, or else one that is theirs, or else one that was. */
function chooseVehicle(vehicles: Vehicle[]): Vehicle | undefined {
  const isBuilt = ({ until, status }: Vehicle) => !until && (status === 'ordered' || status === 'production');
  return vehicles.find(isBuilt) ?? vehicles.find(({ until }) => !until) ?? vehicles[0];
}

/** The error that shows the page for what is not there. */
export function notFound(): Response {
  return new Response(null, { status: 404 });
}

/** A page's number from its address: from 1. Throws the 404 for anything else. */
export function readPageNumber(text: string): number {
  const page = text === '' ? 1 : Number(text);
  if (!Number.isInteger(page) || page < 1 || page > 100_000) throw notFound();
  return page;
}
