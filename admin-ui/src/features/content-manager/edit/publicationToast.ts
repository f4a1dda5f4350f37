import i18next from 'i18next';
import { OfflineError } from '@/api/client';
import type { EntryAction } from '@/api/content';
import { describeError } from '@/ui/explainError';
import { showToast } from '@/ui/toast';
import { isStale } from './errors';
import type { EntrySession } from './session';
import { viewOnSite } from './viewOnSite';
import { withLanguage } from './withLanguage';

/**
 * Prepares, before an entry is published or unpublished, the toast that says so: with its page on the site, and the way back where there is
 * one. Answers how to show it, which answers how to take it away. `undone`: called once it is taken back.
 * `language`: said where two languages are on the page.
 */
export async function preparePublicationToast(
  session: EntrySession,
  action: Exclude<EntryAction, 'discard-draft'>,
  undone: () => unknown,
  language?: string,
): Promise<() => () => void> {
  // Where it cannot be found out how to take it back, it is done without.
  const undo = await import('./planUndo').then(({ planUndo }) => planUndo(session, action)).catch(() => null);
  const t = i18next.getFixedT(null, 'editor');
  const { documentId, locale, type } = session;
  // The server makes the address for who may read all fields.
  const isOnSite = action === 'publish' && type.previewable && type.can.fields.read === null;
  const takeBack = async (): Promise<void> => {
    try {
      const obstacle = await undo?.();
      void undone();
      if (!obstacle) showToast({ message: withLanguage(t(`undone.${action}`), language) });
      else
        showToast({
          message: t(`notUndone.${obstacle}`),
          failed: true,
          undo: obstacle === 'unsaved' ? takeBack : undefined,
        });
    } catch (cause) {
      if (cause instanceof OfflineError) {
        showToast({ message: t('notUndone.offline'), failed: true, undo: takeBack });
      } else if (isStale(cause)) {
        await session.catchUp(cause).catch(() => undefined);
        const who = (cause.details.by as { name?: string } | undefined)?.name ?? t('conflict.somebody');
        showToast({ message: t('notUndone.stale', { who }), failed: true });
      } else {
        const reason = describeError(cause, i18next.getFixedT(null, 'common'));
        showToast({ message: t('notUndone.failed', { reason }), failed: true });
      }
    }
  };
  return () =>
    showToast({
      message: withLanguage(t(`done.${action}`), language),
      next:
        isOnSite && documentId
          ? {
              label: t('site.view'),
              run: () => viewOnSite({ uid: type.uid, documentId, locale }),
            }
          : undefined,
      undo: undo ? takeBack : undefined,
    });
}
