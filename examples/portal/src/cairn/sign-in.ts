import { type CairnApi, hasStatus } from './api.ts';

/** A person's tokens of the content API. */
export interface SignedIn {
  user: string;
  token: string;
  refreshToken: string | undefined;
}

interface SessionResponse {
  jwt: string;
  refreshToken?: string;
  user: { documentId: string };
}

/** Signs somebody in by name or e-mail address. Throws a `CairnError` if they are not. */
export async function signIn(api: CairnApi, identifier: string, password: string): Promise<SignedIn> {
  return toSignedIn(await api.post<SessionResponse>('/auth/local', { identifier, password }));
}

/** True if an invitation can be accepted; looking uses nothing up. Also for a server that cannot say: its form says what is wrong. */
export async function isInvitationValid(api: CairnApi, code: string): Promise<boolean> {
  try {
    return (await api.post<{ valid: boolean }>('/auth/check-invitation', { code })).valid;
  } catch (error) {
    if (hasStatus(error, 403, 404, 405, 429)) return true;
    throw error;
  }
}

/** Chooses the first password by the code of an invitation. Throws a `CairnError`: 400 for a code that is not valid any more. */
export async function acceptInvitation(api: CairnApi, code: string, password: string): Promise<SignedIn> {
  return toSignedIn(await api.post<SessionResponse>('/auth/accept-invitation', { code, password }));
}

/** Chooses another password by the code of a mail. Throws a `CairnError`: 400 for a code that is not valid any more. */
export async function resetPassword(api: CairnApi, code: string, password: string): Promise<SignedIn> {
  const body = { code, password, passwordConfirmation: password };
  return toSignedIn(await api.post<SessionResponse>('/auth/reset-password', body));
}

/** Changes the password of whoever is signed in; their other sessions end. Throws a `CairnError` if the current one is wrong. */
export async function changePassword(api: CairnApi, currentPassword: string, password: string): Promise<SignedIn> {
  const body = { currentPassword, password, passwordConfirmation: password };
  return toSignedIn(await api.post<SessionResponse>('/auth/change-password', body));
}

function toSignedIn({ jwt, refreshToken, user }: SessionResponse): SignedIn {
  return { user: user.documentId, token: jwt, refreshToken };
}

/** Seconds before its end in which a token is replaced. */
const EARLY_SECONDS = 30;
/** How long the tokens that a refresh returned are given to requests that come with the tokens before. */
const OVERLAP_MILLIS = 60_000;

type Tokens = { token: string; refreshToken: string | undefined };

/**
 * Replaces tokens that are about to end. A refresh token works once, and a page, its pictures and a second tab send it at the same moment: they
 * share one refresh.
 */
export class TokenRefresher {
  private readonly running = new Map<string, Promise<Tokens | undefined>>();

  /** `undefined` if Cairn refuses: the session has ended. Throws if Cairn cannot be asked. */
  async refresh(api: CairnApi, refreshToken: string): Promise<Tokens | undefined> {
    return this.running.get(refreshToken) ?? this.start(api, refreshToken);
  }

  private start(api: CairnApi, refreshToken: string): Promise<Tokens | undefined> {
    const forget = () => this.running.delete(refreshToken);
    const request = api.post<{ jwt: string; refreshToken?: string }>('/auth/refresh', { refreshToken }).then(
      ({ jwt, refreshToken: next }) => ({ token: jwt, refreshToken: next }),
      (error: unknown) => {
        if (hasStatus(error, 400, 401, 403)) return undefined;
        forget();
        throw error;
      },
    );
    this.running.set(refreshToken, request);
    setTimeout(forget, OVERLAP_MILLIS).unref();
    return request;
  }
}

/** True if a token ends soon. One whose end cannot be read is left as it is: Cairn says when it does not take it any more. */
export function isTokenEnding(token: string, now: number): boolean {
  try {
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp?: unknown };
    return typeof payload.exp === 'number' && payload.exp - EARLY_SECONDS <= now / 1_000;
  } catch {
    return false;
  }
}
