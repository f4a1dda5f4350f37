import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

const PATH = '/admin/api/seal-profiles';

/** What seals PDFs: a key and its certificate, which the server keeps and shows to nobody. */
export type SealProfile = Schemas['SealProfile'];

/** A key with its certificates, as it is sent: a PKCS #12 file in base64, or texts in PEM. */
export type SealMaterial =
  | { pkcs12: string; password: string }
  | { certificates: string; key: string; password?: string };

export const sealProfilesQuery = queryOptions({
  queryKey: ['seal-profiles'],
  queryFn: async ({ signal }) => (await request<{ data: SealProfile[] }>('GET', PATH, { signal })).data,
});

/** Makes a profile, or gives one another key. */
export async function putSealProfile(name: string, material: SealMaterial): Promise<SealProfile> {
  return (await request<{ data: SealProfile }>('PUT', `${PATH}/${encodeURIComponent(name)}`, { body: material })).data;
}

export async function deleteSealProfile(name: string): Promise<void> {
  await request('DELETE', `${PATH}/${encodeURIComponent(name)}`);
}
