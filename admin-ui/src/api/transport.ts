import { ApiError, OfflineError } from './ApiError';
import { languageHeaders } from './language';
import { reportReachable } from './reachability';
import { uncheckedHeaders } from './withoutChecks';

/** Requests that are about signing in: their 401 is an answer, not the end of a session. */
const WITHOUT_SESSION = [
  '/admin/api/session',
  '/admin/api/setup',
  '/admin/api/login',
  '/admin/api/invitations/check',
  '/admin/api/invitations/accept',
  '/admin/api/forgot-password',
  '/admin/api/reset-password',
];

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

let csrf: string | undefined;
let signInHandler: ((why: SignInReason) => Promise<boolean>) | undefined;

/** Why somebody is to sign in: their session has ended, or what they do asks that they have shown lately who they are. */
export type SignInReason = 'ended' | 'lately';

/** The token of the session, which every change has to carry. */
export function setCsrf(token: string | undefined): void {
  csrf = token;
}

/** Headers of every change. For what is not sent by `transport`, such as an upload in pieces. */
export function changeHeaders(): Record<string, string> {
  return { ...languageHeaders(), ...uncheckedHeaders(), ...(csrf ? { 'X-CSRF-Token': csrf } : {}) };
}

/** What is asked in the middle of the work when somebody has to sign in; the request waits for it and is then sent again, unless they would rather not. */
export function setSignInHandler(handler: ((why: SignInReason) => Promise<boolean>) | undefined): void {
  signInHandler = handler;
}

/**
 * Sends a request with the session's cookie and CSRF token, and the language that is shown. Answers only what succeeded.
 *
 * @throws ApiError when the server refuses, OfflineError when it cannot be reached.
 */
export async function transport(request: Request): Promise<Response> {
  const response = await send(request);
  if (response.ok) return response;
  const path = new URL(request.url).pathname;
  const refused = await readApiError(response);
  const lately = refused.details.code === 'step_up_required';
  const aboutSignIn = !lately && WITHOUT_SESSION.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
  if (response.status === 401 && signInHandler && !aboutSignIn && (await signInHandler(lately ? 'lately' : 'ended'))) {
    const again = await send(request);
    if (again.ok) return again;
    throw await readApiError(again);
  }
  throw refused;
}

async function send(original: Request): Promise<Response> {
  // A request's body can be read once; a copy keeps the original for a second try.
  const request = original.clone();
  const headers = SAFE_METHODS.includes(request.method) ? languageHeaders() : changeHeaders();
  for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
  try {
    const response = await fetch(request);
    reportReachable(true);
    return response;
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    reportReachable(false);
    throw new OfflineError('The server cannot be reached', { cause });
  }
}

async function readApiError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = (body as { error?: Partial<ApiError> } | undefined)?.error;
  const retryAfter = Number(response.headers.get('Retry-After'));
  return new ApiError({
    status: response.status,
    name: error?.name ?? 'HttpError',
    message: error?.message ?? response.statusText,
    details: { ...error?.details },
    reference: response.headers.get('X-Request-Id') ?? undefined,
    retryAfter: retryAfter > 0 ? retryAfter : undefined,
  });
}
