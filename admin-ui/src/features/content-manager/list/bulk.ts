import { deleteMany, type EntryOutcome, publishMany, toRefusedOutcome, updateMany } from '@/api/bulk';
import { newBatchId } from '@/api/client';
import {
  type DocumentState,
  type DocumentStatus,
  duplicateEntry,
  type Entry,
  type EntryReview,
  listEntries,
} from '@/api/content';
import type { ContentType } from '@/api/model';
import { addToRelease, listItems, removeFromRelease } from '@/api/releases';
import { assignReview } from '@/api/reviews';
import { retryWhileBusy, limitConcurrency } from '@/views/entries/limit';
import { titleFields } from '@/views/fieldPath';

/** What can be done with many documents. */
export type BulkAction =
  | { kind: 'publish' | 'unpublish' | 'delete' | 'duplicate' }
  | { kind: 'edit'; field: string; value: unknown }
  | { kind: 'release'; release: number; action: 'publish' | 'unpublish' }
  /** `keep`: beside who sees to it already. */
  | { kind: 'assign'; users: readonly number[]; keep: boolean };

export type BulkKind = BulkAction['kind'];

/** A document that could not be done, and why. */
interface BulkFailure {
  documentId: string;
  /** Where it is known. */
  title: string | undefined;
  message: string;
}

/** Takes back what was done with some documents. */
type Undo = () => Promise<readonly EntryOutcome[]>;

/** What became of an action. */
export interface BulkResult {
  action: BulkAction;
  total: number;
  /** Documents that it changed. */
  done: number;
  /** Documents that were so already: published as they stand, or not published. */
  unchanged: number;
  failures: readonly BulkFailure[];
  /** It was stopped before all was done. */
  cancelled: boolean;
  /** Takes back what can be: one step for each that was sent, last first. */
  undo: readonly Undo[];
  /** Documents of those done that cannot be taken back. */
  final: number;
}

/** Documents of one request. Small enough that stopping stops soon. */
const CHUNK_SIZE = 50;

/** What there is no request of many for goes a few at a time. */
const limiter = limitConcurrency(4);

interface BulkOptions {
  type: ContentType;
  locale: string | undefined;
  signal: AbortSignal;
  onProgress: (done: number) => void;
}

/** What is sent belongs together, and so does what takes it back: one line of the audit log, and one call of a webhook for each. */
interface BatchOptions extends BulkOptions {
  batch: string;
}

/** Does something with documents, some at a time, until all is done or it is stopped. One that fails does not hold up the others. */
export async function runBulk(
  action: BulkAction,
  documentIds: readonly string[],
  options: BulkOptions,
): Promise<BulkResult> {
  const batchOptions: BatchOptions = { ...options, batch: newBatchId() };
  const undo: Undo[] = [];
  const failures: BulkFailure[] = [];
  let done = 0;
  let unchanged = 0;
  let final = 0;
  // What was in the release before stays in it when the rest is taken out again.
  const existing = await itemsInRelease(action).catch((cause: unknown) => ({ cause }));
  if ('cause' in existing) {
    const all = documentIds.map((documentId) => ({
      documentId,
      title: undefined,
      message: toRefusedOutcome(documentId, existing.cause).error?.message ?? '',
    }));
    const total = documentIds.length;
    return { action, total, done: 0, unchanged: 0, failures: all, cancelled: false, undo: [], final: 0 };
  }
  for (let at = 0; at < documentIds.length; at += CHUNK_SIZE) {
    if (options.signal.aborted) break;
    const ids = documentIds.slice(at, at + CHUNK_SIZE);
    const step = await retryWhileBusy(() => runChunk(action, ids, batchOptions, existing), options.signal).catch(
      (cause: unknown): ChunkResult => ({
        outcomes: ids.map((documentId) => toRefusedOutcome(documentId, cause)),
        unchanged: 0,
        undo: undefined,
        final: 0,
      }),
    );
    done += doneIds(step.outcomes).length - step.unchanged;
    unchanged += step.unchanged;
    final += step.final;
    failures.push(
      ...step.outcomes
        .filter((outcome) => !outcome.done)
        .map(({ documentId, error }) => ({
          documentId,
          title: step.titles?.get(documentId),
          message: error?.message ?? '',
        })),
    );
    if (step.undo) undo.unshift(step.undo);
    options.onProgress(done + unchanged + failures.length);
  }
  return {
    action,
    total: documentIds.length,
    done,
    unchanged,
    failures,
    cancelled: done + unchanged + failures.length < documentIds.length,
    undo,
    final,
  };
}

/** The items of a release that something is added to. */
async function itemsInRelease(action: BulkAction): Promise<ReadonlySet<number>> {
  return new Set(action.kind === 'release' ? (await listItems(action.release)).map(({ id }) => id) : []);
}

interface ChunkResult {
  outcomes: readonly EntryOutcome[];
  /** Of those done, how many were so already. */
  unchanged: number;
  undo: Undo | undefined;
  final: number;
  titles?: ReadonlyMap<string, string>;
}

async function runChunk(
  action: BulkAction,
  ids: readonly string[],
  { type, locale, batch }: BatchOptions,
  existing: ReadonlySet<number>,
): Promise<ChunkResult> {
  switch (action.kind) {
    case 'publish': {
      const { states, titles } = await loadPreviousState(type, ids, locale);
      const outcomes = await publishMany(type, 'publish', ids, locale, batch);
      // What was published before is overwritten; what was not can be taken off again.
      const back = doneIds(outcomes).filter((id) => states[id]?.status === 'draft');
      const changed = doneIds(outcomes).filter((id) => states[id]?.status !== 'published');
      return {
        outcomes,
        unchanged: doneIds(outcomes).length - changed.length,
        undo: makeUndo(back, (again) => publishMany(type, 'unpublish', again, locale, batch)),
        final: changed.length - back.length,
        titles,
      };
    }
    case 'unpublish': {
      const { states, titles } = await loadPreviousState(type, ids, locale);
      const outcomes = await publishMany(type, 'unpublish', ids, locale, batch);
      // A draft that differs from what was published would publish something else.
      const back = doneIds(outcomes).filter((id) => states[id]?.status === 'published');
      const changed = doneIds(outcomes).filter((id) => states[id]?.status !== 'draft');
      return {
        outcomes,
        unchanged: doneIds(outcomes).length - changed.length,
        undo: makeUndo(back, (again) => publishMany(type, 'publish', again, locale, batch)),
        final: changed.length - back.length,
        titles,
      };
    }
    case 'delete': {
      const { states, titles } = await loadPreviousState(type, ids, locale);
      const outcomes = await deleteMany(type, ids, batch);
      return {
        outcomes,
        unchanged: 0,
        undo: makeUndo(doneIds(outcomes), async (again) => {
          const { restoreDocuments } = await import('@/views/entries/restoreDocuments');
          return restoreDocuments(type, again, states, batch);
        }),
        final: 0,
        titles,
      };
    }
    case 'duplicate': {
      const copies: string[] = [];
      const outcomes: EntryOutcome[] = [];
      for (const documentId of ids) {
        const copy = await duplicateEntry(type, documentId, locale, batch).catch((cause: unknown) =>
          toRefusedOutcome(documentId, cause),
        );
        if (typeof copy === 'string') copies.push(copy);
        outcomes.push(typeof copy === 'string' ? { documentId, done: true } : copy);
      }
      return { outcomes, unchanged: 0, undo: makeUndo(copies, (again) => deleteMany(type, again, batch)), final: 0 };
    }
    case 'edit': {
      const { entries, titles } = await loadPreviousState(type, ids, locale, action.field);
      const outcomes = await updateMany(type, ids, { [action.field]: action.value }, locale, batch);
      return {
        outcomes,
        unchanged: 0,
        undo: makeUndo(doneIds(outcomes), (again) => writeBack(type, again, entries, action.field, locale, batch)),
        final: 0,
        titles,
      };
    }
    case 'release': {
      const items = ids.map((documentId) => ({
        contentType: type.uid,
        documentId,
        action: action.action,
        ...(locale ? { locale } : {}),
      }));
      await addToRelease(action.release, items, batch);
      return {
        outcomes: ids.map((documentId) => ({ documentId, done: true })),
        unchanged: 0,
        undo: makeUndo(ids, (again) => removeAdded(type, action.release, again, existing, batch)),
        final: 0,
      };
    }
    case 'assign': {
      const { reviews, titles } = await loadPreviousState(type, ids, locale);
      const had = (id: string): readonly number[] => reviews[id]?.assignees ?? [];
      const outcomes = await assignMany(
        type,
        ids,
        (id) => (action.keep ? [...new Set([...had(id), ...action.users])] : action.users),
        locale,
        batch,
      );
      return {
        outcomes,
        unchanged: 0,
        undo: makeUndo(doneIds(outcomes), (again) => assignMany(type, again, had, locale, batch)),
        final: 0,
        titles,
      };
    }
  }
}

/** Takes documents out of a release again, but for those that were in it before. */
async function removeAdded(
  type: ContentType,
  release: number,
  ids: readonly string[],
  existing: ReadonlySet<number>,
  batch: string,
): Promise<EntryOutcome[]> {
  const wantedIds = new Set(ids);
  const items = (await listItems(release)).filter(
    (item) => item.contentType === type.uid && wantedIds.has(item.documentId) && !existing.has(item.id),
  );
  return Promise.all(
    items.map(({ id, documentId }) =>
      limiter(() => removeFromRelease(release, id, batch)).then(
        () => ({ documentId, done: true }),
        (cause: unknown) => toRefusedOutcome(documentId, cause),
      ),
    ),
  );
}

/** Gives each document its people. */
async function assignMany(
  type: ContentType,
  ids: readonly string[],
  users: (id: string) => readonly number[],
  locale: string | undefined,
  batch: string,
): Promise<EntryOutcome[]> {
  return Promise.all(
    ids.map((documentId) =>
      limiter(() => assignReview(type.uid, documentId, users(documentId), locale, batch)).then(
        () => ({ documentId, done: true }),
        (cause: unknown) => toRefusedOutcome(documentId, cause),
      ),
    ),
  );
}

function doneIds(outcomes: readonly EntryOutcome[]): string[] {
  return outcomes.filter((outcome) => outcome.done).map(({ documentId }) => documentId);
}

function makeUndo(
  ids: readonly string[],
  back: (ids: readonly string[]) => Promise<readonly EntryOutcome[]>,
): Undo | undefined {
  return ids.length > 0 ? () => back(ids) : undefined;
}

interface PreviousState {
  entries: Map<string, Entry>;
  titles: Map<string, string>;
  states: Record<string, DocumentState>;
  reviews: Record<string, EntryReview>;
}

/** How documents are before something is done with them. */
async function loadPreviousState(
  type: ContentType,
  ids: readonly string[],
  locale: string | undefined,
  field?: string,
): Promise<PreviousState> {
  const titled = titleFields(type);
  const list = await listEntries(type, {
    filters: { documentId: { $in: ids } },
    fields: [...new Set(['documentId', ...titled, ...(field ? [field] : [])])],
    pagination: { pageSize: 100, withCount: false },
    ...(locale ? { locale } : {}),
  });
  const entries = new Map(list.entries.map((entry) => [entry.documentId, entry]));
  const titles = new Map(
    list.entries.flatMap((entry) => {
      const title = titled.map((name) => entry[name]).find(Boolean);
      return title ? [[entry.documentId, String(title)] as const] : [];
    }),
  );
  return { entries, titles, states: list.states, reviews: list.reviews };
}

/** How many of some documents stand how; asked for a part of them at a time. */
export async function countPublicationStates(
  type: ContentType,
  ids: readonly string[],
  locale: string | undefined,
  signal: AbortSignal,
): Promise<Record<DocumentStatus, number>> {
  const counts = { draft: 0, modified: 0, published: 0 };
  for (let at = 0; at < ids.length; at += CHUNK_SIZE) {
    signal.throwIfAborted();
    const part = ids.slice(at, at + CHUNK_SIZE);
    const { states } = await loadPreviousState(type, part, locale);
    for (const id of part) {
      const status = states[id]?.status;
      if (status) counts[status] += 1;
    }
  }
  return counts;
}

/** Gives each document the value it had; those with the same one together. */
async function writeBack(
  type: ContentType,
  ids: readonly string[],
  entries: Map<string, Entry>,
  field: string,
  locale: string | undefined,
  batch: string,
): Promise<readonly EntryOutcome[]> {
  const byValue = new Map<string, { value: unknown; ids: string[] }>();
  for (const id of ids) {
    const value = entries.get(id)?.[field] ?? null;
    const key = JSON.stringify(value);
    const same = byValue.get(key) ?? { value, ids: [] };
    same.ids.push(id);
    byValue.set(key, same);
  }
  const outcomes: EntryOutcome[] = [];
  for (const { value, ids: same } of byValue.values())
    outcomes.push(...(await updateMany(type, same, { [field]: value }, locale, batch)));
  return outcomes;
}
