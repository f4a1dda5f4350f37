import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** What somebody may say of themselves. What is left out stays. */
export type Profile = Schemas['Profile'];

/** A session of who is signed in. */
export type OwnSession = Schemas['OwnSession'];

/** A passkey of who is signed in. */
export type Passkey = Schemas['OwnPasskey'];

/** A secret for an authenticator app. */
export type TotpOffer = Schemas['TotpOffer'];

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
  return (await request<{ data: { recoveryCodes: string[] } }>('PUT', `${ME}/totp`, { body: { code } })).data
    .recoveryCodes;
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

export async function removePasskey(id: number): Promise<void> {
  await request('DELETE', `${ME}/passkeys/${id}`);
}
