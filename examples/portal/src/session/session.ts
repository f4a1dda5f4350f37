import { COOKIES } from './cookies.ts';
import { open, randomId, type SiteKeys, seal } from './seal.ts';

/** The session of a person who is signed in. The whole is sealed in a cookie: neither scripts nor the person's browser can read the API's tokens. */
export interface Session {
  id: string;
  /** Document id of the user of the content API. */
  user: string;
  /** Token of the content API. */
  token: string;
  /** Token that gets the next one, if the project has short sessions. */
  refreshToken: string | undefined;
  /** When the person last opened a page, in milliseconds. */
  seenAt: number;
}

/** The session of a request: one that lives, one that has ended, or none. */
export type SessionState =
  | { kind: 'none' }
  | { kind: 'live'; session: Session }
  /** The person is still known, so that what they typed can be given back to them and to nobody else. */
  | { kind: 'ended'; session: Session };

/** Sessions are stored anew after this share of their time. */
const RENEWAL_SHARE = 1 / 30;

/** A session that begins. */
export function startSession(
  user: string,
  tokens: { token: string; refreshToken: string | undefined },
  now: number,
): Session {
  return { id: randomId(), user, ...tokens, seenAt: now };
}

/** Reads the session of a cookie. */
export function readSession(
  keys: SiteKeys,
  cookie: string | undefined,
  now: number,
  idleSeconds: number,
): SessionState {
  const session = cookie ? parseSession(open(keys, COOKIES.session, cookie)) : undefined;
  if (!session) return { kind: 'none' };
  const isOver = session.token === '' || now - session.seenAt >= idleSeconds * 1_000;
  return { kind: isOver ? 'ended' : 'live', session };
}

/** The cookie of a session. */
export function sealSession(keys: SiteKeys, session: Session): string {
  return seal(keys, COOKIES.session, JSON.stringify(session));
}

/** True if a session's cookie has to be stored anew, so that its time begins again. */
export function isRenewalDue(session: Session, now: number, idleSeconds: number): boolean {
  return now - session.seenAt >= idleSeconds * 1_000 * RENEWAL_SHARE;
}

/** The rest of a session that has ended: the person, without tokens. */
export function endSession(session: Session): Session {
  return { ...session, token: '', refreshToken: undefined };
}

function parseSession(bytes: Buffer | undefined): Session | undefined {
  if (!bytes) return undefined;
  const value = JSON.parse(bytes.toString()) as Partial<Session>;
  const { id, user, token, refreshToken, seenAt } = value;
  // Sealed by an earlier version of the site, perhaps.
  if (typeof id !== 'string' || typeof user !== 'string' || typeof token !== 'string') return undefined;
  if (typeof seenAt !== 'number') return undefined;
  return { id, user, token, refreshToken, seenAt };
}
