import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OfflineError } from '@/api/client';
import { runEntryAction, type EntryAction } from '@/api/content';
import { announce } from '@/ui/live';
import { showToast } from '@/ui/toast';
import { type PublishConcerns, loadConcerns } from './concerns';
import { splitErrors, isStale } from './errors';
import { preparePublicationToast } from './publicationToast';
import type { EntrySession } from './session';

export interface EntryActions {
  /** `then`: called once it is done, also where something had to be asked first. */
  run: (action: EntryAction, then?: () => void) => Promise<void>;
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
  /** Said of what was done, where two languages are on the page. */
  language?: string | undefined;
}

/** Publishing and its opposites: what is typed is saved first, what is wrong stands beside its field. */
export function useEntryActions({ session, check, saveNow, showErrors, language }: EntryActionsOptions): EntryActions {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const [busy, setBusy] = useState<EntryAction | null>(null);
  const [concerns, setConcerns] = useState<PublishConcerns | null>(null);
  // By the keys it could be asked for again while it waits.
  const running = useRef(false);
  /** Takes away the toast of what was done before: its way back leads past what is done now. */
  const closeToast = useRef<() => void>(() => undefined);
  const next = useRef<(() => void) | undefined>(undefined);
  const run = useCallback(
    async (action: EntryAction, known = false) => {
      if (running.current) return;
      running.current = true;
      setBusy(action);
      setConcerns(null);
      try {
        if (action === 'publish') {
          if (session.store.uploads.count > 0) announce(t('uploads.publish', { count: session.store.uploads.count }));
          if (!(await session.store.uploads.settle())) {
            showToast({ message: t('uploads.failed'), failed: true });
            return;
          }
          if (!check(true)) return;
        }
        const shown = session.store.values;
        let showDone = () => showToast({ message: t(`done.${action}`) });
        const done = await session.slugs.save(async () => {
          if (action !== 'discard-draft' && !(await session.flush('asked'))) {
            // A conflict and a refusal are shown by the page; that nothing happens for now would not be.
            if (session.save.is === 'offline') throw new OfflineError('not saved');
            return false;
          }
          const { documentId, locale, type } = session;
          if (!documentId) return false;
          if (action === 'publish' && !known) {
            const loadedConcerns = await loadConcerns(session);
            if (loadedConcerns.unpublished.length > 0 || loadedConcerns.review) {
              setConcerns(loadedConcerns);
              return false;
            }
          }
          if (action !== 'discard-draft') {
            const undone = () => queries.invalidateQueries({ queryKey: ['content'] });
            showDone = await preparePublicationToast(session, action, undone, language);
          }
          await runEntryAction(type, documentId, action, locale ? { locales: [locale] } : {}, session.seen);
          return true;
        });
        if (!done) return;
        closeToast.current();
        if (action === 'discard-draft') session.drop();
        // It is done, whether or not the page hears what became of it.
        await session.reload().catch((cause: unknown) => {
          if (!(cause instanceof OfflineError)) throw cause;
        });
        if (action === 'discard-draft') {
          const undo = async () => {
            if (!(await session.giveBack(shown)) && session.save.is === 'offline') throw new OfflineError('not saved');
          };
          showDone = () => showToast({ message: t(`done.${action}`), undo });
        }
        closeToast.current = showDone();
        next.current?.();
        next.current = undefined;
      } catch (error) {
        // It is not tried again later: by then others may have changed what would become public.
        if (error instanceof OfflineError) {
          showToast({ message: t(`offline.${action}`), failed: true });
          return;
        }
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
        running.current = false;
        setBusy(null);
      }
    },
    [session, check, showErrors, language, queries, t],
  );
  return {
    run: (action, then) => {
      if (!running.current) next.current = then;
      return run(action);
    },
    busy,
    concerns,
    publishAnyway: () => void run('publish', true),
    leaveIt: () => setConcerns(null),
    saveNow,
  };
}
