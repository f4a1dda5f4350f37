import type { SiteSettings } from '../settings.ts';
import type { SiteRequest } from './listener.ts';

/** The network address of the visitor: of whoever is connected, or as the proxy in front of the site names it. */
export function findAddress(request: SiteRequest, settings: SiteSettings): string {
  const forwarded = settings.behindProxy ? request.headers.get('x-forwarded-for') : null;
  // The proxy adds its peer at the end; what is before it may have been made up by the visitor.
  return (forwarded?.split(',').at(-1)?.trim() || request.peer).replace(/^::ffff:/, '');
}

/** True if visitors reach the site by HTTPS. */
export function isSecure(settings: SiteSettings): boolean {
  return settings.publicUrl?.protocol === 'https:';
}

/** True if a form comes from a page of this site, as far as the browser says. */
export function isOwnForm(request: SiteRequest, settings: SiteSettings): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site && site !== 'same-origin') return false;
  const origin = request.headers.get('origin');
  if (!origin) return true;
  if (settings.publicUrl) return origin === settings.publicUrl.origin;
  return URL.canParse(origin) && new URL(origin).host === request.url.host;
}
