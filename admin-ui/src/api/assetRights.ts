import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

export type RightsStatus = Schemas['RightsState'];

/** A licence. */
export type Licence = Schemas['AssetRight'];

/** What a person who is seen or heard agreed to. */
export type Consent = Schemas['Consent'];

/** All that is said of a file. */
export type FileRights = Schemas['AssetRights'];

/** What is said of one file alone; what is left out stays, null takes it back. */
export interface FileRightsChange {
  embargoUntil?: { local: string; zone: string } | null;
  owner?: number | null;
  policy?: UnlinkedPolicy | null;
}

/** What it means that nothing is linked to a file. */
export type UnlinkedPolicy = Schemas['UnlinkedRights'];

/** That, by folder and kind, and when people are told of the end of a licence. */
export type RightsPolicy = Required<Schemas['RightsPolicy']>;

/** A file of a report. */
export type ReportRow = Schemas['ReportedFile'];

export type Report = 'expiring' | 'unknown' | 'withdrawn';

const ASSETS = '/admin/api/assets';

export function fileRightsQuery(documentId: string) {
  return queryOptions({
    queryKey: ['assets', 'rights', documentId],
    queryFn: async ({ signal }) =>
      (await request<{ data: FileRights }>('GET', `${ASSETS}/${encodeURIComponent(documentId)}/rights`, { signal }))
        .data,
  });
}

export const licencesQuery = queryOptions({
  queryKey: ['assets', 'licences'],
  queryFn: async ({ signal }) =>
    (await request<{ data: Licence[] }>('GET', `${ASSETS}/rights`, { query: { limit: 100 }, signal })).data,
});

export const consentsQuery = queryOptions({
  queryKey: ['assets', 'consents'],
  queryFn: async ({ signal }) =>
    (await request<{ data: Consent[] }>('GET', `${ASSETS}/consents`, { query: { limit: 100 }, signal })).data,
});

/** A page of a report. */
export async function readReport(
  report: Report,
  after: string,
  signal?: AbortSignal,
): Promise<{ rows: ReportRow[]; after: string | null }> {
  const query = { limit: 100, ...(after ? { after } : {}) };
  const body = await request<{ data: ReportRow[]; meta: { after: string | null } }>(
    'GET',
    `${ASSETS}/reports/${report}`,
    { query, signal },
  );
  return { rows: body.data, after: body.meta.after };
}

export async function makeLicence(licence: {
  holder: string;
  licence?: string;
  end?: string;
  zone?: string;
  assets: string[];
}): Promise<void> {
  await request('POST', `${ASSETS}/rights`, { body: licence });
}

export async function makeConsent(consent: {
  person: string;
  kind?: string;
  givenAt?: string;
  assets: string[];
}): Promise<void> {
  await request('POST', `${ASSETS}/consents`, { body: consent });
}

/** Links licences and consents to files, or takes the links away; all or none. */
export async function linkRights(link: {
  rights: number[];
  consents: number[];
  assets: string[];
  mode: 'add' | 'set' | 'remove';
}): Promise<void> {
  await request('POST', `${ASSETS}/bulk/link-rights`, { body: link });
}

/** How many files a licence or consent is for. */
export function recordQuery(kind: 'rights' | 'consents', id: number) {
  return queryOptions({
    queryKey: ['assets', kind, id],
    queryFn: async ({ signal }) =>
      (await request<{ data: Schemas['RecordFiles'] }>('GET', `${ASSETS}/${kind}/${id}`, { signal })).data,
  });
}

type LicenceInput = Omit<Schemas['RightInput'], 'assets'>;
type ConsentInput = Omit<Schemas['ConsentInput'], 'assets'>;

/** Changes a licence: all of it, with the version that was looked at. */
export async function changeLicence(id: number, licence: LicenceInput): Promise<void> {
  await request('PUT', `${ASSETS}/rights/${id}`, { body: licence });
}

/** Changes a consent: all of it, with the version that was looked at. */
export async function changeConsent(id: number, consent: ConsentInput): Promise<void> {
  await request('PUT', `${ASSETS}/consents/${id}`, { body: consent });
}

/** Withdraws a consent from now on; answers what that hit. */
export async function withdrawConsent(id: number): Promise<Schemas['Withdrawal']> {
  return (
    await request<{ data: Schemas['WithdrawnConsent'] }>('POST', `${ASSETS}/consents/${id}/withdraw`, { body: {} })
  ).data.affected;
}

export async function setFileRights(documentId: string, change: FileRightsChange): Promise<FileRights> {
  return (
    await request<{ data: FileRights }>('PUT', `${ASSETS}/${encodeURIComponent(documentId)}/rights`, { body: change })
  ).data;
}

export const rightsPolicyQuery = queryOptions({
  queryKey: ['assets', 'policy'],
  queryFn: async ({ signal }) => (await request<{ data: RightsPolicy }>('GET', `${ASSETS}/policy`, { signal })).data,
});

export async function saveRightsPolicy(change: Partial<RightsPolicy>): Promise<RightsPolicy> {
  return (await request<{ data: RightsPolicy }>('PUT', `${ASSETS}/policy`, { body: change })).data;
}
