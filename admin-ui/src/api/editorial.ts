import { csrfHeaders, request } from './client';
import { type Precondition, preconditionHeaders } from './content';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** What belongs to a document beside its content: history, comments, review, schedules, releases, previews, presence. */
export interface Subject {
  uid: string;
  documentId: string;
  locale?: string | undefined;
}

export type Schedule = Schemas['Schedule'];
export type Release = Schemas['Release'];

export type HistoryEntry = Schemas['Version'];

/** What differs between two versions, by attribute; which keys are there depends on `type`. */
export type Difference = Schemas['Difference'];

export type Comparison = Schemas['Comparison'];

export type Comment = Schemas['Comment'];
export type CommentThread = Schemas['CommentThread'];

export type Review = Schemas['Review'];

export type PreviewLink = Schemas['NewLink'];

export type Present = Schemas['PresentHere'];

interface Data<Body> {
  data: Body;
}

const of = (subject: Subject) => ({
  type: subject.uid,
  documentId: subject.documentId,
  ...(subject.locale ? { locale: subject.locale } : {}),
});
const path = (subject: Subject) => `${encodeURIComponent(subject.uid)}/${encodeURIComponent(subject.documentId)}`;
const locale = (subject: Subject) => (subject.locale ? { locale: subject.locale } : {});
const signalled = (signal?: AbortSignal) => (signal ? { signal } : {});

/** A page of a document's history, newest first; `before` of the answer begins the next. */
export async function listHistory(
  subject: Subject,
  before?: number,
  signal?: AbortSignal,
  limit = 30,
): Promise<{ entries: HistoryEntry[]; before: number | null }> {
  const query = { ...of(subject), limit, ...(before ? { before } : {}) };
  const body = await request<Data<HistoryEntry[]> & { meta: { before: number | null } }>('GET', '/admin/api/history', {
    query,
    ...signalled(signal),
  });
  return { entries: body.data, before: body.meta.before };
}

export async function compareVersions(from: number, to: number, signal?: AbortSignal): Promise<Comparison> {
  return (
    await request<Data<Comparison>>('GET', '/admin/api/history/compare', { query: { from, to }, ...signalled(signal) })
  ).data;
}

/** Brings a version back as a new save of the draft that was seen; `fields`: only those attributes. */
export async function restoreVersion(
  id: number,
  seen: Exclude<Precondition, 'absent'>,
  fields?: string[],
): Promise<Partial<Schemas['RestoredMeta']>> {
  const body = await request<{ meta?: Schemas['RestoredMeta'] }>('POST', `/admin/api/history/${id}/restore`, {
    body: fields ? { fields } : {},
    headers: preconditionHeaders(seen),
  });
  return body.meta ?? {};
}

export async function listComments(subject: Subject, signal?: AbortSignal): Promise<CommentThread[]> {
  const body = await request<Data<CommentThread[]>>('GET', `/admin/api/content/${path(subject)}/comments`, {
    query: { ...locale(subject), limit: 100 },
    ...signalled(signal),
  });
  return body.data;
}

export async function writeComment(
  subject: Subject,
  comment: { text: string; path?: string; thread?: number },
): Promise<void> {
  await request('POST', `/admin/api/content/${path(subject)}/comments`, { query: locale(subject), body: comment });
}

export async function settleComment(id: number, how: 'resolve' | 'reopen'): Promise<void> {
  await request('POST', `/admin/api/comments/${id}/${how}`, { body: {} });
}

export async function deleteComment(id: number): Promise<void> {
  await request('DELETE', `/admin/api/comments/${id}`);
}

export async function readReview(subject: Subject, signal?: AbortSignal): Promise<Review> {
  return (
    await request<Data<Review>>('GET', `/admin/api/review/${path(subject)}`, {
      query: locale(subject),
      ...signalled(signal),
    })
  ).data;
}

export async function moveReview(
  subject: Subject,
  move: { to: string; comment?: string; version: number },
): Promise<void> {
  await request('POST', `/admin/api/review/${path(subject)}/move`, { query: locale(subject), body: move });
}

export async function approveReview(
  subject: Subject,
  approval: { role: string; comment?: string; version: number },
): Promise<void> {
  await request('POST', `/admin/api/review/${path(subject)}/approvals`, { query: locale(subject), body: approval });
}

export async function withdrawApproval(subject: Subject, id: number): Promise<void> {
  await request('DELETE', `/admin/api/review/${path(subject)}/approvals/${id}`, { query: locale(subject) });
}

/** Says who is to see to it; none: nobody. */
export async function assignReview(subject: Subject, users: number[]): Promise<Review> {
  return (
    await request<Data<Review>>('PUT', `/admin/api/review/${path(subject)}/assignees`, {
      query: locale(subject),
      body: { users },
    })
  ).data;
}

/** Says until when it is to be done, in the time of a zone; `null`: whenever. */
export async function setReviewDue(subject: Subject, due: { localTime: string; zone: string } | null): Promise<Review> {
  return (
    await request<Data<Review>>('PUT', `/admin/api/review/${path(subject)}/due`, {
      query: locale(subject),
      body: { due },
    })
  ).data;
}

/** What is planned for a document. */
export async function listSchedules(subject: Subject, signal?: AbortSignal): Promise<Schedule[]> {
  const query = { contentType: subject.uid, documentId: subject.documentId, state: 'waiting' };
  return (await request<Data<Schedule[]>>('GET', '/admin/api/schedules', { query, ...signalled(signal) })).data;
}

/** What is to be done with a document when. */
export type Plan = Pick<Schemas['NewSchedule'], 'action' | 'localTime' | 'zone' | 'fold'>;

/** Plans a publication; answers what would be wrong with it now. */
export async function schedule(subject: Subject, plan: Plan): Promise<string[]> {
  const body = await request<{
    meta?: { problems?: { message: string; details?: { errors?: { message: string }[] } }[] };
  }>('POST', '/admin/api/schedules', {
    body: { contentType: subject.uid, documentId: subject.documentId, ...locale(subject), ...plan },
  });
  // Several faults are listed one by one, not as their number.
  return (body.meta?.problems ?? []).flatMap(
    ({ message, details }) => details?.errors?.map((each) => each.message) ?? [message],
  );
}

export async function cancelSchedule(id: number): Promise<void> {
  await request('DELETE', `/admin/api/schedules/${id}`);
}

export async function listOpenReleases(signal?: AbortSignal): Promise<Release[]> {
  const body = await request<Data<Release[]>>('GET', '/admin/api/releases', {
    query: { limit: 100 },
    ...signalled(signal),
  });
  return body.data.filter(
    (release) => release.state === 'open' || release.state === 'scheduled' || release.state === 'failed',
  );
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

export type Beat = Pick<Schemas['PresenceBeat'], 'tab' | 'field' | 'lock' | 'takeOver'>;

/** Says where this tab is; answers who else is in the document. */
export async function bePresent(subject: Subject, beat: Beat): Promise<Schemas['PresentState']> {
  return (
    await request<Data<Schemas['PresentState']>>('POST', '/admin/api/presence', { body: { ...of(subject), ...beat } })
  ).data;
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
