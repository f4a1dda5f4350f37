import type { PageContext } from '../context.ts';
import { COOKIES } from './cookies.ts';
import { open, seal } from './seal.ts';

/** How long the owner can still read the link that they made: Cairn stores no token. */
const SECONDS = 60 * 60;

interface NewShare {
  id: string;
  token: string;
}

/** Stores the link that was just made in the owner's browser, sealed, so that the page can be loaded again. */
export function storeNewShare(context: PageContext, { id, token }: NewShare): void {
  const { keys, jar } = context.parts;
  const share = JSON.stringify({ id, token, user: context.requireSession().user });
  jar.set(COOKIES.share, seal(keys, COOKIES.share, share), SECONDS);
}

/** The link that this person made last, within the hour. */
export function readNewShare(context: PageContext): NewShare | undefined {
  const { keys, cookies } = context.parts;
  const sealed = open(keys, COOKIES.share, cookies.get(COOKIES.share) ?? '');
  if (!sealed) return undefined;
  const { id, token, user } = JSON.parse(sealed.toString()) as NewShare & { user: string };
  return user === context.requireSession().user ? { id, token } : undefined;
}
