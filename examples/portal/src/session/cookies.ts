/** Names of the site's cookies. None is readable by scripts. */
export const COOKIES = {
  /** The sealed session. */
  session: 'portal_session',
  /** A random id of this browser's visit, for the tokens of forms. */
  visit: 'portal_visit',
  /** Chosen language. */
  language: 'portal_language',
  /** A message for the next page. */
  notice: 'portal_notice',
  /** The link to a delivery that was just made. */
  share: 'portal_share',
  /** A form that somebody was filling in when their session ended; in parts, `portal_draft0` and so on. */
  draft: 'portal_draft',
} as const;

/** Reads the cookies of a request. Of two with one name, the first counts. */
export function readCookies(header: string | null): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at).trim();
    if (at > 0 && !cookies.has(name)) cookies.set(name, part.slice(at + 1).trim());
  }
  return cookies;
}

/** Cookies that a response sets. */
export class CookieJar {
  private readonly lines = new Map<string, string>();

  /** `secure`: true if visitors reach the site by HTTPS. */
  constructor(private readonly secure: boolean) {}

  /** Sets a cookie: until the browser is closed, or for some seconds. The value must need no quoting. */
  set(name: string, value: string, seconds?: number): void {
    const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
    this.lines.set(name, `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${this.secure ? '; Secure' : ''}${age}`);
  }

  /** Removes a cookie. */
  remove(name: string): void {
    this.set(name, '', 0);
  }

  /** The values of `Set-Cookie`. */
  list(): string[] {
    return [...this.lines.values()];
  }
}
