import { CairnApi } from '../cairn/api.ts';
import { isTokenEnding, TokenRefresher } from '../cairn/sign-in.ts';
import { ThemeCache } from '../cairn/theme.ts';
import { PageContext } from '../context.ts';
import { chooseLanguage } from '../i18n/texts.ts';
import { keepSession } from '../pages/visit.ts';
import { COOKIES, CookieJar, readCookies } from '../session/cookies.ts';
import { deriveKeys, isFormToken, randomId, type SiteKeys } from '../session/seal.ts';
import { isRenewalDue, readSession } from '../session/session.ts';
import type { SiteSettings } from '../settings.ts';
import type { Assets } from './assets.ts';
import { respondWithFile, respondWithSharedPhoto, respondWithUpload } from './files.ts';
import { securityHeaders } from './headers.ts';
import type { SiteRequest } from './listener.ts';
import { respondWithLive } from './live.ts';
import { type PageRenderer, renderStatus } from './render.tsx';
import { findAddress, isOwnForm, isSecure } from './visitor.ts';

/** Pages and pictures for anybody with a link: they set no cookies. */
const SHARED_PATH = '/shared/';
const SHARED_PHOTO = /^\/shared\/[^/]+\/photos\/[^/]+$/;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The site: what it answers to a request. */
export class Site {
  private readonly keys: SiteKeys;
  private readonly themes = new ThemeCache();
  private readonly refresher = new TokenRefresher();

  constructor(
    private readonly settings: SiteSettings,
    private readonly assets: Assets,
    private readonly render: PageRenderer,
    private readonly clock: () => number,
  ) {
    this.keys = deriveKeys(settings.secret);
  }

  /** Answers a request. It throws nothing: what goes wrong is a page that says so. */
  async respond(request: SiteRequest): Promise<Response> {
    const asset = this.assets.respond(request.url.pathname);
    if (asset) return asset;
    if (request.url.pathname === '/health') return new Response(null, { status: 204 });
    const nonce = randomId();
    const context = await this.prepare(request);
    const view = { context, assets: this.assets, nonce };
    let response: Response;
    try {
      response = await this.dispatch(request, context, nonce);
    } catch (error) {
      // Nobody reads the response, and what broke off is no error.
      if (request.gone.aborted) return new Response(null, { status: 499 });
      response = error instanceof Response && error.headers.has('location') ? error : await renderStatus(view, error);
    }
    return this.finish(response, context, nonce);
  }

  /** Reads whose request it is, in which language, and how the site looks. */
  private async prepare(request: SiteRequest): Promise<PageContext> {
    const { settings, keys } = this;
    const now = this.clock();
    const cookies = readCookies(request.headers.get('cookie'));
    const jar = new CookieJar(isSecure(settings));
    const visit = cookies.get(COOKIES.visit) || randomId();
    const isShared = request.url.pathname.startsWith(SHARED_PATH);
    if (visit !== cookies.get(COOKIES.visit) && !isShared) jar.set(COOKIES.visit, visit);
    const address = findAddress(request, settings);
    const accepted = request.headers.get('accept-language');
    // Without cookies, a language is chosen by the address.
    const chosen = (isShared ? request.url.searchParams.get('language') : null) ?? cookies.get(COOKIES.language);
    const guess = chooseLanguage(chosen, accepted, ['nl', 'en']);
    const theme = await this.themes.get(new CairnApi(settings.cairn, { language: guess, address }), now);
    const language = chooseLanguage(chosen, accepted, theme.languages);
    return new PageContext({
      url: request.url,
      method: request.method,
      form: new URLSearchParams(request.headers.get('content-type')?.startsWith(FORM_TYPE) ? request.body : ''),
      cookies,
      jar,
      keys,
      visit,
      session: readSession(keys, cookies.get(COOKIES.session), now, settings.idleSeconds),
      language,
      theme,
      address,
      siteUrl: settings.publicUrl ?? new URL(request.url.origin),
      showsComponents: settings.showsComponents,
      cairn: settings.cairn,
      now,
      idleSeconds: settings.idleSeconds,
    });
  }

  private async dispatch(request: SiteRequest, context: PageContext, nonce: string): Promise<Response> {
    const { pathname } = request.url;
    const view = { context, assets: this.assets, nonce };
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) throw new Response(null, { status: 405 });
    if (request.method === 'POST' && !this.isAllowed(request, context)) throw new Response(null, { status: 403 });
    if (SHARED_PHOTO.test(pathname)) return respondWithSharedPhoto(context, request);
    if (pathname.startsWith(SHARED_PATH)) return this.render(view);
    await this.refreshTokens(context);
    if (pathname.startsWith('/uploads/')) return respondWithUpload(context, request);
    if (pathname.startsWith('/files/')) return respondWithFile(context, request);
    if (pathname === '/session' && request.method === 'POST') return keepSession(context);
    if (pathname === '/live' && request.method === 'GET') return respondWithLive(context, request);
    // A page that reads itself again is nobody who is there.
    if (!request.headers.has('x-live')) this.renewSession(context);
    return this.render(view);
  }

  /** True if a form was sent by a page of this site, in the session that it was shown in. */
  private isAllowed(request: SiteRequest, context: PageContext): boolean {
    const { session, visit, form } = context.parts;
    const id = session.kind === 'none' ? '' : session.session.id;
    return isOwnForm(request, this.settings) && isFormToken(this.keys, visit, id, form.get('token') ?? '');
  }

  private async refreshTokens(context: PageContext): Promise<void> {
    const { session, now } = context.parts;
    if (session.kind !== 'live') return;
    const { refreshToken, token } = session.session;
    if (!refreshToken || !isTokenEnding(token, now)) return;
    const tokens = await this.refresher.refresh(context.publicApi, refreshToken);
    if (tokens) context.storeSession({ ...session.session, ...tokens });
    else context.parts.session = { kind: 'ended', session: session.session };
  }

  private renewSession(context: PageContext): void {
    const { session, now } = context.parts;
    if (session.kind === 'live' && isRenewalDue(session.session, now, this.settings.idleSeconds)) {
      context.storeSession({ ...session.session, seenAt: now });
    }
  }

  private finish(response: Response, context: PageContext, nonce: string): Response {
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(securityHeaders(nonce, isSecure(this.settings)))) {
      // Files have a stricter policy of their own.
      if (!headers.has(name)) headers.set(name, value);
    }
    if (context.parts.url.pathname.startsWith(SHARED_PATH)) headers.set('X-Robots-Tag', 'noindex');
    if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'private, no-store');
    // A response that caches may store for everybody has nobody's cookies.
    const isForAnybody = headers.get('Cache-Control')?.startsWith('public');
    const cookies = isForAnybody || context.parts.url.pathname.startsWith(SHARED_PATH) ? [] : context.parts.jar.list();
    for (const cookie of cookies) headers.append('Set-Cookie', cookie);
    return new Response(response.body, { status: response.status, headers });
  }
}
