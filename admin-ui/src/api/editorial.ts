import { csrfHeaders, request } from './client';
import type { components } from './schema.gen';

/**
 * What belongs to a document beside its content: history, comments, review, schedules, releases, previews, presence.
 * The types that are written out here are to be replaced by the generated ones once those routes are described.
 */
export interface Subject {
  uid: string;
  documentId: string;
  locale?: string | undefined;
}

export type Schedule = components['schemas']['Schedule'];
export type Release = components['schemas']['Release'];

export interface HistoryEntry {
  id: number;
  locale: string | null;
  action: string;
  status: string;
  version: number;
  autosave: boolean;
  at: string;
  actor: { kind: string; id: string; name: string | null };
  changed: string[];
  note: string | null;
}

/** What differs between two versions, by attribute; which keys are there depends on `type`. */
export interface Difference {
  attribute: string;
  type: string;
  before?: unknown;
  after?: unknown;
  text?: { op: 'equal' | 'insert' | 'delete'; text: string }[];
  added?: unknown[];
  removed?: unknown[];
  reordered?: boolean;
  change?: string;
  fields?: Difference[];
  items?: { change: string; from?: number; to?: number; component?: string; fields?: Difference[]; before?: unknown; after?: unknown }[];
}

export interface Comparison {
  from: HistoryEntry;
  to: HistoryEntry;
  differences: Difference[];
}

export interface Comment {
  id: number;
  thread: number | null;
  path: string | null;
  text: string;
  author: { id: number; name: string };
  createdAt: string;
  editedAt: string | null;
  deleted: boolean;
  resolvedAt: string | null;
  resolvedBy: { id: number; name: string } | null;
  answers?: Comment[];
}

export interface Review {
  id: number | null;
  version: number;
  workflow: string | null;
  stage: string | null;
  colour: string | null;
  returned: boolean;
  next: { stage: string; colour: string | null; allowed: boolean; why: string[] }[];
  needed: { role: string; needed: number; have: number; by: { id: number; email: string | null }[] }[];
  approvals: {
    id: number;
    role: string;
    by: { id: number | null; name: string | null };
    at: string;
    comment: string | null;
    state: 'counts' | 'fallen' | 'withdrawn';
  }[];
  publish: { allowed: boolean; why: string[] };
  mayApprove: string[];
  assignees: { id: number; email: string | null }[];
  due: { at: string; localTime: string; zone: string; overdue: boolean } | null;
}

export interface PreviewLink {
  id: string;
  token: string;
  expiresAt: string;
  url: string | null;
}

export interface Present {
  actor: string;
  name: string;
  tab: string;
  field: string | null;
  holds: boolean;
}

interface Data<Body> {
  data: Body;
}

const of = (subject: Subject) => ({ type: subject.uid, documentId: subject.documentId, ...(subject.locale ? { locale: subject.locale } : {}) });
const path = (subject: Subject) => `${encodeURIComponent(subject.uid)}/${encodeURIComponent(subject.documentId)}`;
const locale = (subject: Subject) => (subject.locale ? { locale: subject.locale } : {});
const signalled = (signal?: AbortSignal) => (signal ? { signal } : {});

/** A page of a document's history, newest first; `before` of the answer begins the next. */
export async function listHistory(subject: Subject, before?: number, signal?: AbortSignal): Promise<{ entries: HistoryEntry[]; before: number | null }> {
  const query = { ...of(subject), limit: 30, ...(before ? { before } : {}) };
  const body = await request<Data<HistoryEntry[]> & { meta: { before: number | null } }>('GET', '/admin/api/history', { query, ...signalled(signal) });
  return { entries: body.data, before: body.meta.before };
}

export async function compareVersions(from: number, to: number, signal?: AbortSignal): Promise<Comparison> {
  return (await request<Data<Comparison>>('GET', '/admin/api/history/compare', { query: { from, to }, ...signalled(signal) })).data;
}

/** Brings a version back as a new save of the draft; `fields`: only those attributes. */
export async function restoreVersion(id: number, fields?: string[]): Promise<{ leftOut?: unknown[]; gone?: string[] }> {
  const body = await request<{ meta?: { leftOut?: unknown[]; gone?: string[] } }>('POST', `/admin/api/history/${id}/restore`, {
    body: fields ? { fields } : {},
  });
  return body.meta ?? {};
}

export async function listComments(subject: Subject, signal?: AbortSignal): Promise<Comment[]> {
  const body = await request<Data<Comment[]>>('GET', `/admin/api/content/${path(subject)}/comments`, {
    query: { ...locale(subject), limit: 100 },
    ...signalled(signal),
  });
  return body.data;
}

export async function writeComment(subject: Subject, comment: { text: string; path?: string; thread?: number }): Promise<void> {
  await request('POST', `/admin/api/content/${path(subject)}/comments`, { query: locale(subject), body: comment });
}

export async function settleComment(id: number, how: 'resolve' | 'reopen'): Promise<void> {
  await request('POST', `/admin/api/comments/${id}/${how}`, { body: {} });
}

export async function deleteComment(id: number): Promise<void> {
  await request('DELETE', `/admin/api/comments/${id}`);
}

export async function readReview(subject: Subject, signal?: AbortSignal): Promise<Review> {
  return (await request<Data<Review>>('GET', `/admin/api/review/${path(subject)}`, { query: locale(subject), ...signalled(signal) })).data;
}

export async function moveReview(subject: Subject, move: { to: string; comment?: string; version: number }): Promise<void> {
  await request('POST', `/admin/api/review/${path(subject)}/move`, { query: locale(subject), body: move });
}

export async function approveReview(subject: Subject, approval: { role: string; comment?: string; version: number }): Promise<void> {
  await request('POST', `/admin/api/review/${path(subject)}/approvals`, { query: locale(subject), body: approval });
}

export async function withdrawApproval(subject: Subject, id: number): Promise<void> {
  await request('DELETE', `/admin/api/review/${path(subject)}/approvals/${id}`, { query: locale(subject) });
}

/** What is planned for a document. */
export async function listSchedules(subject: Subject, signal?: AbortSignal): Promise<Schedule[]> {
  const query = { contentType: subject.uid, documentId: subject.documentId, state: 'waiting' };
  return (await request<Data<Schedule[]>>('GET', '/admin/api/schedules', { query, ...signalled(signal) })).data;
}

export interface Plan {
  action: 'publish' | 'unpublish';
  localTime: string;
  zone: string;
  fold?: 'earlier' | 'later';
}

/** Plans a publication; answers what would be wrong with it now. */
export async function schedule(subject: Subject, plan: Plan): Promise<string[]> {
  const body = await request<{ meta?: { problems?: { message: string; details?: { errors?: { message: string }[] } }[] } }>('POST', '/admin/api/schedules', {
    body: { contentType: subject.uid, documentId: subject.documentId, ...locale(subject), ...plan },
  });
  // Several faults are listed one by one, not as their number.
  return (body.meta?.problems ?? []).flatMap(({ message, details }) => details?.errors?.map((each) => each.message) ?? [message]);
}

export async function cancelSchedule(id: number): Promise<void> {
  await request('DELETE', `/admin/api/schedules/${id}`);
}

export async function listOpenReleases(signal?: AbortSignal): Promise<Release[]> {
  const body = await request<Data<Release[]>>('GET', '/admin/api/releases', { query: { limit: 100 }, ...signalled(signal) });
  return body.data.filter((release) => release.state === 'open' || release.state === 'scheduled' || release.state === 'failed');
}

export async function makeRelease(name: string): Promise<Release> {
  return (await request<Data<Release>>('POST', '/admin/api/releases', { body: { name } })).data;
}

export async function addToRelease(release: number, subject: Subject, action: 'publish' | 'unpublish'): Promise<void> {
  const item = { contentType: subject.uid, documentId: subject.documentId, ...locale(subject), action };
  await request('POST', `/admin/api/releases/${release}/items`, { body: { items: [item] } });
}

export async function makePreview(subject: Subject): Promise<PreviewLink> {
  return (await request<Data<PreviewLink>>('POST', '/admin/api/preview', { body: of(subject) })).data;
}

export interface Beat {
  tab: string;
  field?: string | undefined;
  lock?: boolean;
  takeOver?: boolean;
}

/** Says where this tab is; answers who else is in the document. */
export async function bePresent(subject: Subject, beat: Beat): Promise<{ present: Present[]; lock: 'held' | 'waiting' | null }> {
  return (await request<Data<{ present: Present[]; lock: 'held' | 'waiting' | null }>>('POST', '/admin/api/presence', { body: { ...of(subject), ...beat } })).data;
}

/** Says that this tab has gone. Sent also while the page is being closed. */
export async function leave(subject: Subject, tab: string): Promise<void> {
  await fetch('/admin/api/presence', {
    method: 'DELETE',
    keepalive: true,
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', ...csrfHeaders() },
    body: JSON.stringify({ ...of(subject), tab }),
  });
}
