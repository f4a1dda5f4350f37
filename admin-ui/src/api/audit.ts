import { request } from './client';
import { pagesQuery } from './pages';
import type { Schemas } from './schemas';

/** A line of the audit log. */
export type AuditEntry = Schemas['AuditEntry'];

export interface AuditFilter {
  /** `*` at its end: what begins so. */
  action?: string;
  /** `admin:3`. */
  actor?: string;
  contentType?: string;
  documentId?: string;
  from?: string;
  to?: string;
  /** Done in this go. */
  batch?: string;
}

/** Whether every line is as it was written. */
export type Verification = (Schemas['WholeLog'] & { whole: true }) | (Schemas['BrokenLog'] & { whole: false });

/** What was done in one go is one line, but where its lines are asked for. */
export const auditQuery = (filter: AuditFilter) =>
  pagesQuery<AuditEntry>('/admin/api/audit', { ...filter, grouped: filter.batch ? undefined : true });

export async function verifyAudit(): Promise<Verification> {
  return (await request<{ data: Verification }>('GET', '/admin/api/audit/verify')).data;
}

/** An attribute before and after a save. */
export type Difference = Schemas['Difference'];

/** What a save changed, from the history; nothing where that is not kept. */
export async function loadDifferences(
  entry: { contentType: string; documentId: string; locale: string | null; version: number },
  signal?: AbortSignal,
): Promise<Difference[]> {
  const { contentType, documentId, locale, version } = entry;
  const history = await request<{ data: Schemas['Version'][] }>('GET', '/admin/api/history', {
    query: { type: contentType, documentId, locale: locale ?? undefined, limit: 100 },
    signal,
  });
  const to = history.data.find((row) => row.version === version);
  const from = history.data.find((row) => row.version < version);
  if (!to || !from) return [];
  const compared = await request<{ data: Schemas['Comparison'] }>('GET', '/admin/api/history/compare', {
    query: { from: from.id, to: to.id },
    signal,
  });
  return compared.data.differences;
}
