import { type CairnApi, readIfPresent } from './api.ts';
import { encode } from './portal.ts';
import type { CairnFile } from './types.ts';

/** A link with which an owner shows others their car. */
export interface Share {
  id: string;
  createdAt: string;
  endsAt: string;
  isRevoked: boolean;
  views: number;
  message: string | null;
  photos: CairnFile[];
}

export interface SharedPhoto {
  url: string;
  width: number | null;
  height: number | null;
  alt: string | null;
}

/** What visitors with a link see: nothing that says whose car it is. */
export interface SharedDelivery {
  model: string | null;
  title: string | null;
  /** Year and month, such as `2026-03`. */
  deliveredOn: string | null;
  message: string | null;
  photos: SharedPhoto[];
  endsAt: string;
}

/** The links of a vehicle, newest first; `undefined` where the plugin has none, or the vehicle is not theirs. */
export async function findShares(api: CairnApi, vehicle: string): Promise<Share[] | undefined> {
  const path = `/portal/me/vehicles/${encode(vehicle)}/shares`;
  return readIfPresent(async () => (await api.get<{ data: Share[] }>(path)).data);
}

/** Creates a link; its token is in this response alone. Throws a `CairnError`: 400 names what is wrong, 409 when no (further) link can be created. */
export async function createShare(
  api: CairnApi,
  vehicle: string,
  share: { photos: string[]; message: string; days: number },
): Promise<{ id: string; token: string }> {
  const path = `/portal/me/vehicles/${encode(vehicle)}/shares`;
  return (await api.post<{ data: { id: string; token: string } }>(path, share)).data;
}

/** Revokes a link. */
export async function revokeShare(api: CairnApi, id: string): Promise<void> {
  await api.post(`/portal/me/shares/${encode(id)}/revoke`, {});
}

/** What a link shows. Throws a `CairnError` (404) for one that does not work, or does so no longer. */
export async function getSharedDelivery(api: CairnApi, token: string): Promise<SharedDelivery> {
  return (await api.get<{ data: SharedDelivery }>(`/portal/shared/${encode(token)}`)).data;
}
