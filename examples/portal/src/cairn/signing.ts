import { type CairnApi, readIfPresent } from './api.ts';
import { encode } from './portal.ts';

/** How a customer gets from the site to the page to sign: by a mailed link, by a mailed code, or at once. */
export type SigningWay = 'mail' | 'code' | 'direct';

/** An envelope that a customer is asked to sign. */
export interface SigningRequest {
  id: string;
  title: string;
  status: string;
  way: SigningWay;
}

/**
 * Reads an envelope; `undefined` for whoever is not asked to sign it, or not yet (409), or whose e-signing has no such route. Throws other
 * `CairnError`s.
 */
export async function findSigningRequest(api: CairnApi, envelope: string): Promise<SigningRequest | undefined> {
  const path = `/esign/mine/${encode(envelope)}`;
  // Somebody whose turn has not come is told so by a 409.
  return readIfPresent(async () => (await api.get<{ data: SigningRequest }>(path)).data, 409);
}

/**
 * Has e-signing mail the customer their link to an envelope; `sentJustNow`: they have one that is less than ten minutes old. Throws a
 * `CairnError`: 404 when they are not asked to sign it, 409 when it cannot be signed now.
 */
export async function sendSigningLink(api: CairnApi, envelope: string): Promise<'sent' | 'sentJustNow'> {
  const path = `/esign/mine/${encode(envelope)}/link`;
  return (await api.post<{ data: { status: 'sent' | 'sentJustNow' } }>(path, {})).data.status;
}

/** Has e-signing mail the customer a code. Throws a `CairnError`: 429 when one was sent less than a minute ago, or too many were. */
export async function sendSigningCode(api: CairnApi, envelope: string): Promise<void> {
  await api.post(`/esign/mine/${encode(envelope)}/code`, {});
}

/** A fresh link to sign, which works once. `code`: the one of the mail, where one is asked for. Throws a `CairnError`: 400 for a wrong code, 429 after too many. */
export async function openEnvelope(api: CairnApi, envelope: string, code: string | undefined): Promise<string> {
  const body = code === undefined ? {} : { code };
  return (await api.post<{ data: { url: string } }>(`/esign/mine/${encode(envelope)}/open`, body)).data.url;
}
