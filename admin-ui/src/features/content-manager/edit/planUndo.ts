import { OfflineError } from '@/api/client';
import { type EntryAction, runEntryAction } from '@/api/content';
import { readReview, restoreVersion, type Subject } from '@/api/editorial';
import { sameValue, type Values } from '@/fields/form/values';
import { findPublishedPair } from './publishedPair';
import type { EntrySession } from './session';

/** Why something was not taken back, where trying again changes nothing by itself. */
type UndoObstacle = 'unsaved' | 'changed' | 'draft';

/** Takes back a publication or its opposite; answers what stood in the way. */
export type UndoPublication = () => Promise<UndoObstacle | null>;

/**
 * Finds out, before an entry is published or unpublished, how that can be taken back. Null where it cannot: the server would refuse it, or
 * readers would get something else than they had.
 */
export async function planUndo(
  session: EntrySession,
  action: Exclude<EntryAction, 'discard-draft'>,
): Promise<UndoPublication | null> {
  const { documentId, locale, type } = session;
  if (!documentId) return null;
  const subject: Subject = { uid: type.uid, documentId, locale };
  const locales = session.state?.locales ?? [];
  const before = locales.find((each) => (each.locale ?? undefined) === locale)?.status ?? 'draft';
  if (before === 'modified') return planRestoring(session, subject);
  // Nothing changes.
  if ((before === 'published') === (action === 'publish')) return null;
  if (action === 'publish') {
    // Of another locale it may publish values that all locales share: to unpublish this one leaves them public.
    const shares = locales.some((each) => (each.locale ?? undefined) !== locale && each.status === 'modified');
    return shares ? null : () => unpublish(session);
  }
  const { publish } = await readReview(subject);
  const { values } = session.store;
  return publish.allowed ? () => publishAgain(session, values) : null;
}

async function unpublish(session: EntrySession): Promise<null> {
  // What is typed is no part of it, but a save on its way changes the version that is seen.
  await session.flush('auto');
  await act(session, 'unpublish');
  return null;
}

async function publishAgain(session: EntrySession, values: Values): Promise<UndoObstacle | null> {
  // The draft is published: it has to be what was public.
  const isSame = Object.keys(values).every((name) => sameValue(session.store.get(name), values[name]));
  if (!isSame) return 'changed';
  await act(session, 'publish');
  return null;
}

async function act(session: EntrySession, action: EntryAction): Promise<void> {
  const { type, documentId, locale } = session;
  if (!documentId) return;
  await runEntryAction(type, documentId, action, locale ? { locales: [locale] } : {}, session.seen);
  await session.reload();
}

/** What readers had is not the draft: it comes from the history, and the draft is saved again after it. */
async function planRestoring(session: EntrySession, subject: Subject): Promise<UndoPublication | null> {
  const { update, fields } = session.type.can;
  // Fields that are not seen here would be lost from the draft.
  if (!update || fields.read !== null || fields.write !== null) return null;
  const [review, pair] = await Promise.all([readReview(subject), findPublishedPair(subject)]);
  // A workflow asks for approvals of what is published, which an old version has no more.
  if (review.workflow !== null || !pair) return null;
  return () => restorePublished(session, pair.from.id);
}

async function restorePublished(session: EntrySession, version: number): Promise<UndoObstacle | null> {
  if (!(await session.flush('asked'))) {
    if (session.save.is === 'offline') throw new OfflineError('not saved');
    return 'unsaved';
  }
  const draft = session.store.values;
  await restoreVersion(version, session.seen, { publish: true });
  try {
    await session.reload();
  } catch (cause) {
    if (cause instanceof OfflineError) return 'draft';
    throw cause;
  }
  // Where the server cannot be reached now, this device has it, and sends it later.
  await session.giveBack(draft);
  return null;
}
