/** An origin that no site has: what resolves to another one leads away. */
const NOWHERE = 'http://site.invalid';

/**
 * The page to go on to after signing in: a path of this site with its query, or `/` for anything that could lead elsewhere, such as
 * `//example.com` or `/\example.com`.
 */
export function readNextPath(text: string | null | undefined): string {
  if (!text?.startsWith('/') || !URL.canParse(text, NOWHERE)) return '/';
  const url = new URL(text, NOWHERE);
  // Paths that begin with two slashes would be read as hosts once they are sent as an address.
  return url.origin === NOWHERE && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/';
}
