import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

export type RightsStatus = 'clear' | 'expiring' | 'expired' | 'blocked' | 'embargoed' | 'unknown';

/** How a file stands. To be replaced by the generated type once the route is described. */
export interface Standing {
  status: RightsStatus;
  delivered: boolean;
  endsAt: string | null;
  reasons: { reason: string; who: string | null; message: string }[];
}

/** A licence. */
export interface Licence {
  id: number;
  holder: string;
  licence: string | null;
  start: string | null;
  end: string | null;
  zone: string | null;
  endsAt: string | null;
  notes: string | null;
  version: number;
}

/** What a person who is seen or heard agreed to. */
export interface Consent {
  id: number;
  person: string;
  kind: string | null;
  givenAt: string | null;
  withdrawnAt: string | null;
  notes: string | null;
  version: number;
}

export interface FileRights extends Standing {
  rights: Licence[];
  consents: Consent[];
}

/** A file of a report. */
export interface ReportRow extends Standing {
  documentId: string;
  name: string | null;
  entries: { contentType: string; documentId: string; locale: string | null; published: boolean }[];
  entriesTotal: number;
}

export type Report = 'expiring' | 'unknown' | 'withdrawn';

const ASSETS = '/admin/api/assets';

export function fileRightsQuery(documentId: string) {
  return queryOptions({
    queryKey: ['assets', 'rights', documentId],
    queryFn: async ({ signal }) => (await request<{ data: FileRights }>('GET', `${ASSETS}/${encodeURIComponent(documentId)}/rights`, { signal })).data,
  });
}

export const licencesQuery = queryOptions({
  queryKey: ['assets', 'licences'],
  queryFn: async ({ signal }) => (await request<{ data: Licence[] }>('GET', `${ASSETS}/rights`, { query: { limit: 100 }, signal })).data,
});

export const consentsQuery = queryOptions({
  queryKey: ['assets', 'consents'],
  queryFn: async ({ signal }) => (await request<{ data: Consent[] }>('GET', `${ASSETS}/consents`, { query: { limit: 100 }, signal })).data,
});

/** A page of a report. */
export async function readReport(report: Report, after: string, signal?: AbortSignal): Promise<{ rows: ReportRow[]; after: string | null }> {
  const query = { limit: 100, ...(after ? { after } : {}) };
  const body = await request<{ data: ReportRow[]; meta: { after: string | null } }>('GET', `${ASSETS}/reports/${report}`, { query, signal });
  return { rows: body.data, after: body.meta.after };
}

export async function makeLicence(licence: { holder: string; licence?: string; end?: string; zone?: string; assets: string[] }): Promise<void> {
  await request('POST', `${ASSETS}/rights`, { body: licence });
}

export async function makeConsent(consent: { person: string; kind?: string; givenAt?: string; assets: string[] }): Promise<void> {
  await request('POST', `${ASSETS}/consents`, { body: consent });
}

/** Links licences and consents to files, or takes the links away; all or none. */
export async function linkRights(link: { rights: number[]; consents: number[]; assets: string[]; mode: 'add' | 'set' | 'remove' }): Promise<void> {
  await request('POST', `${ASSETS}/bulk/link-rights`, { body: link });
}
