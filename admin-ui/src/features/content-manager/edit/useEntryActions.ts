import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runEntryAction, type EntryAction } from '@/api/content';
import { announce } from '@/ui/live';
import { type PublishConcerns, loadConcerns } from './concerns';
import { splitErrors, isStale } from './errors';
import type { EntrySession } from './session';

export interface EntryActions {
  run: (action: EntryAction) => Promise<void>;
  /** What is being done. */
  busy: EntryAction | null;
  /** What has to be known before it is published: asked about, and then answered by one of these. */
  concerns: PublishConcerns | null;
  publishAnyway: () => void;
  leaveIt: () => void;
  saveNow: () => Promise<boolean>;
}

interface EntryActionsOptions {
  session: EntrySession;
  check: (publishing: boolean) => boolean;
  saveNow: () => Promise<boolean>;
  showErrors: (fields: Map<string, string>, rest: string[]) => void;
}

/** Publishing and its opposites: what is typed is saved first, what is wrong stands beside its field. */
export function useEntryActions({ session, check, saveNow, showErrors }: EntryActionsOptions): EntryActions {
  const { t } = useTranslation('editor');
  const [busy, setBusy] = useState<EntryAction | null>(null);
  const [concerns, setConcerns] = useState<PublishConcerns | null>(null);
  const run = useCallback(
    async (action: EntryAction, known = false) => {
      if (action === 'publish' && !check(true)) return;
      setBusy(action);
      setConcerns(null);
      try {
        const done = await session.slugs.save(async () => {
          if (action !== 'discard-draft' && !(await session.flush('asked'))) return false;
          const { documentId, locale, type } = session;
          if (!documentId) return false;
          if (action === 'publish' && !known) {
            const loadedConcerns = await loadConcerns(session);
            if (loadedConcerns.unpublished.length > 0 || loadedConcerns.review) {
              setConcerns(loadedConcerns);
              return false;
            }
          }
          await runEntryAction(type, documentId, action, locale ? { locales: [locale] } : {}, session.seen);
          return true;
        });
        if (!done) return;
        if (action === 'discard-draft') session.drop();
        await session.reload();
        announce(t(`done.${action}`));
      } catch (error) {
        // Somebody saved what was not seen here: it is shown before it is published or thrown away.
        if (isStale(error)) {
          await session.catchUp(error).catch(() => undefined);
          const name = (error.details.by as { name?: string } | undefined)?.name;
          showErrors(new Map(), [t('stale', { who: name ?? t('conflict.somebody') })]);
          return;
        }
        const { fields, rest } = splitErrors(session, error);
        showErrors(fields, rest);
      } finally {
        setBusy(null);
      }
    },
    [session, check, showErrors, t],
  );
  return {
    run: (action) => run(action),
    busy,
    concerns,
    publishAnyway: () => void run('publish', true),
    leaveIt: () => setConcerns(null),
    saveNow,
  };
}
