import { queryOptions } from '@tanstack/react-query';
import { changeHeaders, request } from './client';
import { type Precondition, preconditionHeaders } from './content';
import type { Schemas } from './schemas';

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

export type PresentUser = Schemas['PresentHere'];

interface DataBody<Body> {
  data: Body;
}

const subjectParams = (subject: Subject) => ({
  type: subject.uid,
  documentId: subject.documentId,
  ...(subject.locale ? { locale: subject.locale } : {}),
});
const subjectPath = (subject: Subject) =>
  `${encodeURIComponent(subject.uid)}/${encodeURIComponent(subject.documentId)}`;
const localeParam = (subject: Subject) => (subject.locale ? { locale: subject.locale } : {});
const signalOption = (signal?: AbortSignal) => (signal ? { signal } : {});

/** A page of a document's history, newest first; `before` of the answer begins the next. */
export async function listHistory(
  subject: Subject,
  before?: number,
  signal?: AbortSignal,
  limit = 30,
): Promise<{ entries: HistoryEntry[]; before: number | null }> {
  const query = { ...subjectParams(subject), limit, ...(before ? { before } : {}) };
  const body = await request<DataBody<HistoryEntry[]> & { meta: { before: number | null } }>(
    'GET',
    '/admin/api/history',
    {
      query,
      ...signalOption(signal),
    },
  );
  return { entries: body.data, before: body.meta.before };
}

export async function compareVersions(from: number, to: number, signal?: AbortSignal): Promise<Comparison> {
  return (
    await request<DataBody<Comparison>>('GET', '/admin/api/history/compare', {
      query: { from, to },
      ...signalOption(signal),
    })
  ).data;
}

/** Brings a version back as a new save of the draft that was seen; `fields`: only those attributes; `publish`: for readers too. */
export async function restoreVersion(
  id: number,
  seen: Exclude<Precondition, 'absent'>,
  options: Pick<Schemas['RestoreVersion'], 'fields' | 'publish'> = {},
): Promise<Partial<Schemas['RestoredMeta']>> {
  const body = await request<{ meta?: Schemas['RestoredMeta'] }>('POST', `/admin/api/history/${id}/restore`, {
    body: options,
    headers: preconditionHeaders(seen),
  });
  return body.meta ?? {};
}

export async function listComments(subject: Subject, signal?: AbortSignal): Promise<CommentThread[]> {
  const body = await request<DataBody<CommentThread[]>>('GET', `/admin/api/content/${subjectPath(subject)}/comments`, {
    query: { ...localeParam(subject), limit: 100 },
    ...signalOption(signal),
  });
  return body.data;
}

export async function writeComment(
  subject: Subject,
  comment: { text: string; path?: string; thread?: number },
): Promise<void> {
  await request('POST', `/admin/api/content/${subjectPath(subject)}/comments`, {
    query: localeParam(subject),
    body: comment,
  });
}

export async function settleComment(id: number, resolution: 'resolve' | 'reopen'): Promise<void> {
  await request('POST', `/admin/api/comments/${id}/${resolution}`, { body: {} });
}

export async function deleteComment(id: number): Promise<void> {
  await request('DELETE', `/admin/api/comments/${id}`);
}

export async function readReview(subject: Subject, signal?: AbortSignal): Promise<Review> {
  return (
    await request<DataBody<Review>>('GET', `/admin/api/review/${subjectPath(subject)}`, {
      query: localeParam(subject),
      ...signalOption(signal),
    })
  ).data;
}

export async function moveReview(
  subject: Subject,
  move: { to: string; comment?: string; version: number },
): Promise<void> {
  await request('POST', `/admin/api/review/${subjectPath(subject)}/move`, { query: localeParam(subject), body: move });
}

export async function approveReview(
  subject: Subject,
  approval: { role: string; comment?: string; version: number },
): Promise<void> {
  await request('POST', `/admin/api/review/${subjectPath(subject)}/approvals`, {
    query: localeParam(subject),
    body: approval,
  });
}

export async function withdrawApproval(subject: Subject, id: number): Promise<void> {
  await request('DELETE', `/admin/api/review/${subjectPath(subject)}/approvals/${id}`, { query: localeParam(subject) });
}

/** Says who is to see to it; none: nobody. */
export async function assignReview(subject: Subject, users: number[]): Promise<Review> {
  return (
    await request<DataBody<Review>>('PUT', `/admin/api/review/${subjectPath(subject)}/assignees`, {
      query: localeParam(subject),
      body: { users },
    })
  ).data;
}

/** Says until when it is to be done, in the time of a zone; `null`: whenever. */
export async function setReviewDue(subject: Subject, due: { localTime: string; zone: string } | null): Promise<Review> {
  return (
    await request<DataBody<Review>>('PUT', `/admin/api/review/${subjectPath(subject)}/due`, {
      query: localeParam(subject),
      body: { due },
    })
  ).data;
}

/** What is planned for a document. */
export async function listSchedules(subject: Subject, signal?: AbortSignal): Promise<Schedule[]> {
  const query = { contentType: subject.uid, documentId: subject.documentId, state: 'waiting' };
  return (await request<DataBody<Schedule[]>>('GET', '/admin/api/schedules', { query, ...signalOption(signal) })).data;
}

/** Who may see what is scheduled. */
export const mayReadSchedules = ['releases.read'] as const;

/** In milliseconds: what failed longer ago was noticed, or does not matter any more. */
const FAILURES_SHOWN_MS = 7 * 86_400_000;

/** The schedules of the last days that failed, the latest first. */
export const failedSchedulesQuery = queryOptions({
  queryKey: ['schedules', 'failed'],
  queryFn: async ({ signal }): Promise<Schedule[]> => {
    const from = new Date(Date.now() - FAILURES_SHOWN_MS).toISOString();
    const query = { state: 'failed', from, limit: 100 };
    const { data } = await request<DataBody<Schedule[]>>('GET', '/admin/api/schedules', { query, signal });
    return data.toSorted((one, other) => other.due.localeCompare(one.due));
  },
});

/** What is to be done with a document when. */
export type SchedulePlan = Pick<Schemas['NewSchedule'], 'action' | 'localTime' | 'zone' | 'fold'>;

/** What would be wrong if the document were published or unpublished now. */
export async function checkSchedule(
  subject: Subject,
  action: SchedulePlan['action'],
  signal?: AbortSignal,
): Promise<Schemas['RefusedLocale'][]> {
  const body = await request<DataBody<Schemas['ScheduleMeta']>>('POST', '/admin/api/schedules/actions/validate', {
    body: { contentType: subject.uid, documentId: subject.documentId, ...localeParam(subject), action },
    ...signalOption(signal),
  });
  return body.data.problems;
}

/** Plans a publication, or its opposite. */
export async function schedule(subject: Subject, plan: SchedulePlan): Promise<void> {
  await request('POST', '/admin/api/schedules', {
    body: { contentType: subject.uid, documentId: subject.documentId, ...localeParam(subject), ...plan },
  });
}

export async function cancelSchedule(id: number): Promise<void> {
  await request('DELETE', `/admin/api/schedules/${id}`);
}

export async function listOpenReleases(signal?: AbortSignal): Promise<Release[]> {
  const body = await request<DataBody<Release[]>>('GET', '/admin/api/releases', {
    query: { limit: 100 },
    ...signalOption(signal),
  });
  return body.data.filter(
    (release) => release.state === 'open' || release.state === 'scheduled' || release.state === 'failed',
  );
}

export async function makeRelease(name: string): Promise<Release> {
  return (await request<DataBody<Release>>('POST', '/admin/api/releases', { body: { name } })).data;
}

export async function addToRelease(release: number, subject: Subject, action: 'publish' | 'unpublish'): Promise<void> {
  const item = { contentType: subject.uid, documentId: subject.documentId, ...localeParam(subject), action };
  await request('POST', `/admin/api/releases/${release}/items`, { body: { items: [item] } });
}

export async function makePreview(subject: Subject): Promise<PreviewLink> {
  return (await request<DataBody<PreviewLink>>('POST', '/admin/api/preview', { body: subjectParams(subject) })).data;
}

export type SeeAsPreview = Schemas['SeeAsPreview'];

/** Whom and when a preview shows. */
export interface SeeAs {
  /** Document id of a user of the site; absent: anybody who is not signed in. */
  person?: string | undefined;
  /** The moment that is shown; absent: the present. */
  at?: string | undefined;
  /** Number of a release that is shown as published. */
  release?: number | undefined;
}

export type SeeAsPerson = Schemas['SeeAsPerson'];

/** The users of the site whose name or address has that text in it. */
export async function listPeopleToSeeAs(q: string, signal?: AbortSignal): Promise<SeeAsPerson[]> {
  const query = q === '' ? {} : { q };
  return (
    await request<DataBody<SeeAsPerson[]>>('GET', '/admin/api/preview/people', { query, ...signalOption(signal) })
  ).data;
}

/** Begins a preview of the site as somebody else, at a date; it ends by itself after some minutes. */
export async function beginSeeAs(subject: Subject, seeAs: SeeAs): Promise<SeeAsPreview> {
  const body = { ...seeAs, subject: subjectParams(subject) };
  return (await request<DataBody<SeeAsPreview>>('POST', '/admin/api/preview/see-as', { body })).data;
}

export type PresenceHeartbeat = Pick<Schemas['PresenceBeat'], 'tab' | 'field' | 'lock' | 'takeOver'>;

/** Says where this tab is; answers who else is in the document. */
export async function sendPresence(subject: Subject, beat: PresenceHeartbeat): Promise<Schemas['PresentState']> {
  return (
    await request<DataBody<Schemas['PresentState']>>('POST', '/admin/api/presence', {
      body: { ...subjectParams(subject), ...beat },
    })
  ).data;
}

/** Says that this tab has gone. Sent also while the page is being closed. */
export async function leaveDocument(subject: Subject, tab: string): Promise<void> {
  await fetch('/admin/api/presence', {
    method: 'DELETE',
    keepalive: true,
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', ...changeHeaders() },
    body: JSON.stringify({ ...subjectParams(subject), tab }),
  });
}
