import { queryOptions, type QueryClient, useQuery } from '@tanstack/react-query';
import { request } from './client';
import { setCsrf } from './transport';
import type { Schemas } from './schemas';

/** What one request tells an application that starts. */
export type Session = Omit<Schemas['Session'], 'me'> & { me?: Me };

/** Who is signed in. An API token has neither number nor address; whoever signed in at a browser has both. */
type Me = Schemas['Me'] & { id: number; email: string };

type SecondFactorNeeded = Schemas['SecondFactorNeeded'];

/** How a second factor may be given. */
export type SecondFactor = SecondFactorNeeded['secondFactor'][number];

/** What a sign-in answers: a session, or that more is needed. */
export type SignInResult = { session: Session } | SecondFactorNeeded;

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) =>
    cacheSession((await request<{ data: Session }>('GET', '/admin/api/session', { signal })).data),
  staleTime: 5 * 60_000,
});

type SignedInSession = Session & Required<Pick<Session, 'me' | 'permissions'>>;

/** Who was signed in last. A page that was being drawn while its user signed out is drawn to its end, and goes with the frame. */
let lastSession: SignedInSession | undefined;

function isSignedIn(session: Session | undefined): session is SignedInSession {
  return session?.me !== undefined && session.permissions !== undefined;
}

/** The session of whoever is signed in. Only below the frame, where there is one. */
export function useSession(): SignedInSession {
  const { data } = useQuery(sessionQuery);
  const session = isSignedIn(data) ? data : lastSession;
  if (!session) throw new Error('there is no session here');
  return session;
}

function cacheSession(session: Session): Session {
  setCsrf(session.csrf);
  if (isSignedIn(session)) lastSession = session;
  return session;
}

/** Takes over the session that an answer brought. */
export function setSession(queries: QueryClient, session: Session): void {
  queries.setQueryData(sessionQuery.queryKey, cacheSession(session));
}

/** Signs in by password; the answer may ask for a second factor. */
export async function signIn(email: string, password: string): Promise<SignInResult> {
  return toSignInResult(await request('POST', '/admin/api/login', { body: { email, password } }));
}

/** Gives the second factor. */
export async function signInWithSecondFactor(
  pending: string,
  factor: { totp: string } | { recovery: string } | { passkey: unknown },
): Promise<SignInResult> {
  return toSignInResult(await request('POST', '/admin/api/login/second', { body: { pending, ...factor } }));
}

/** Asks for a challenge to sign in with a passkey: what `startAuthentication` takes. */
export async function beginPasskeySignIn<Options>(pending?: string): Promise<Options> {
  return (
    await request<{ data: Options }>('POST', '/admin/api/login/passkey/begin', { body: pending ? { pending } : {} })
  ).data;
}

/** Signs in with the passkey's answer to the challenge. */
export async function finishPasskeySignIn(body: unknown): Promise<SignInResult> {
  return toSignInResult(await request('POST', '/admin/api/login/passkey/finish', { body }));
}

/** Makes the first administrator and signs in. */
export async function setUp(first: {
  email: string;
  password: string;
  firstName?: string;
  lastName?: string;
  language?: string;
}): Promise<Session> {
  return (await request<{ data: Session }>('POST', '/admin/api/setup', { body: first })).data;
}

/** Ends the session on the server and forgets everything that was read in it. */
export async function signOut(queries: QueryClient): Promise<void> {
  await request('POST', '/admin/api/logout');
  // First who is signed in, so that nothing that needs a session is drawn without one.
  queries.setQueryData(sessionQuery.queryKey, (old) => {
    if (!old) return old;
    const { me: _me, permissions: _permissions, csrf: _csrf, ...rest } = old;
    return cacheSession({ ...rest, signedIn: false });
  });
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
}

/** Whom the invitation is for that a mail brought. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: ['invitation', token],
    queryFn: async ({ signal }) =>
      (
        await request<{ data: Schemas['InvitedPerson'] }>('POST', '/admin/api/invitations/check', {
          body: { token },
          signal,
        })
      ).data,
    enabled: token !== '',
    staleTime: Infinity,
    retry: false,
  });

/** Takes the invitation that a mail brought, and signs in. */
export async function acceptInvitation(body: {
  token: string;
  password: string;
  firstName?: string;
  lastName?: string;
  language?: string;
}): Promise<Session> {
  return (await request<{ data: Session }>('POST', '/admin/api/invitations/accept', { body })).data;
}

/** Asks for a mail with a link to choose another password. Answers the same whether the address is known or not. */
export async function forgotPassword(email: string): Promise<void> {
  await request('POST', '/admin/api/forgot-password', { body: { email } });
}

/** Chooses another password with the mail's token. */
export async function resetPassword(token: string, password: string): Promise<void> {
  await request('POST', '/admin/api/reset-password', { body: { token, password } });
}

function toSignInResult(body: { data: Session | SecondFactorNeeded }): SignInResult {
  return 'secondFactor' in body.data ? body.data : { session: body.data };
}
