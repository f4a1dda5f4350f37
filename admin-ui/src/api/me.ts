import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** What somebody may say of themselves. What is left out stays. Replaced by the generated type once the route is described. */
export interface Profile {
  firstName?: string | null;
  lastName?: string | null;
  language?: string | null;
}

/** A session of who is signed in. Replaced by the generated type once the route is described. */
export interface OwnSession {
  id: string;
  /** The one that asks. */
  current: boolean;
  createdAt: string;
  seenAt: string | null;
  expiresAt: string;
  ip: string | null;
  /** What the browser calls itself. */
  agent: string | null;
}

/** A passkey of who is signed in. Replaced by the generated type once the route is described. */
export interface Passkey {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}

/** A secret for an authenticator app. */
export interface TotpOffer {
  secret: string;
  otpauthUrl: string;
  qrSvg: string;
}

const ME = '/admin/api/me';

export async function saveProfile(profile: Profile): Promise<void> {
  await request('PUT', ME, { body: profile });
}

export async function changePassword(currentPassword: string, password: string): Promise<void> {
  await request('POST', `${ME}/password`, { body: { currentPassword, password } });
}

export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: async ({ signal }) => (await request<{ data: OwnSession[] }>('GET', `${ME}/sessions`, { signal })).data,
});

/** Ends one session; without an id all but this one. */
export async function endSession(id?: string): Promise<void> {
  await request('DELETE', id ? `${ME}/sessions/${encodeURIComponent(id)}` : `${ME}/sessions`);
}

export async function beginTotp(password: string): Promise<TotpOffer> {
  return (await request<{ data: TotpOffer }>('POST', `${ME}/totp`, { body: { password } })).data;
}

/** Confirms the secret by a code of the app; answers the recovery codes, which are shown once. */
export async function confirmTotp(code: string): Promise<string[]> {
  return (await request<{ data: { recoveryCodes: string[] } }>('PUT', `${ME}/totp`, { body: { code } })).data.recoveryCodes;
}

export async function removeTotp(password: string): Promise<void> {
  await request('DELETE', `${ME}/totp`, { body: { password } });
}

export const passkeysQuery = queryOptions({
  queryKey: ['me', 'passkeys'],
  queryFn: async ({ signal }) => (await request<{ data: Passkey[] }>('GET', `${ME}/passkeys`, { signal })).data,
});

export async function beginPasskey<Options>(): Promise<Options> {
  return (await request<{ data: Options }>('POST', `${ME}/passkeys/register/begin`, { body: {} })).data;
}

export async function finishPasskey(name: string, credential: unknown): Promise<void> {
  await request('POST', `${ME}/passkeys/register/finish`, { body: { name, credential } });
}

export async function renamePasskey(id: string, name: string): Promise<void> {
  await request('PUT', `${ME}/passkeys/${encodeURIComponent(id)}`, { body: { name } });
}

export async function removePasskey(id: string): Promise<void> {
  await request('DELETE', `${ME}/passkeys/${encodeURIComponent(id)}`);
}
