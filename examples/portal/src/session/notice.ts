import { COOKIES, type CookieJar } from './cookies.ts';
import { open, type SiteKeys, seal } from './seal.ts';

/** A message that the next page shows, once. Sealed, so that no link of a stranger makes the site say something. */
export function storeNotice(keys: SiteKeys, jar: CookieJar, text: string): void {
  jar.set(COOKIES.notice, seal(keys, COOKIES.notice, text), 60);
}

/** Reads the message and removes it. */
export function takeNotice(keys: SiteKeys, cookies: Map<string, string>, jar: CookieJar): string | undefined {
  const sealed = cookies.get(COOKIES.notice);
  if (!sealed) return undefined;
  jar.remove(COOKIES.notice);
  return open(keys, COOKIES.notice, sealed)?.toString();
}
