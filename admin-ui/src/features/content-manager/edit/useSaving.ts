import { useQueryClient } from '@tanstack/react-query';
import { useBlocker } from '@tanstack/react-router';
import { type RefObject, useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { validate } from '@/fields/form/validate';
import { registry } from '@/fields/registry';
import { useProblemText } from '@/fields/shared/texts';
import { announce } from '@/ui/live';
import { showToast } from '@/ui/toast';
import type { EntrySession, SaveState } from './session';

const NO_ERRORS: Map<string, string> = new Map();

interface Saving {
  save: SaveState;
  /** Where what is wrong is listed. */
  summary: RefObject<HTMLDivElement | null>;
  /** What is wrong and is about no field. */
  rest: string[];
  showErrors: (fields: Map<string, string>, rest: string[]) => void;
  check: (publishing: boolean) => boolean;
  saveNow: () => Promise<boolean>;
}

/** Saving what a session has: what is wrong is shown, other parts of the page hear of it, and nobody leaves what would be lost. */
export function useSaving(session: EntrySession): Saving {
  const { t } = useTranslation('editor');
  const { store, type, model } = session;
  const queries = useQueryClient();
  const save = useSyncExternalStore(session.subscribe, () => session.save);
  const summary = useRef<HTMLDivElement>(null);
  const [rest, setRest] = useState<string[]>([]);
  const problemText = useProblemText();

  const showErrors = useCallback(
    (fields: Map<string, string>, others: string[]) => {
      store.setErrors(fields);
      setRest(others);
      if (fields.size + others.length > 0) requestAnimationFrame(() => summary.current?.focus());
    },
    [store],
  );

  useEffect(() => {
    if (save.is !== 'saved' || save.at === null) return;
    void queries.invalidateQueries({ queryKey: ['content'] });
    void queries.invalidateQueries({ queryKey: ['entry-history'] });
    void queries.invalidateQueries({ queryKey: ['entry-review'] });
    // A plugin's page of the entry is described anew when it is looked at again.
    void queries.invalidateQueries({ queryKey: ['plugin-view'], refetchType: 'none' });
  }, [save, queries]);

  const check = useCallback(
    (publishing: boolean): boolean => {
      const problems = validate(registry, model, type.attributes, store.values, publishing);
      showErrors(new Map([...problems].map(([path, problem]) => [path, problemText(problem)])), []);
      return problems.size === 0;
    },
    [model, type, store, showErrors, problemText],
  );

  const saveNow = useCallback(async () => {
    // What has no draft is public at once: not without a file that was meant to be in it.
    if (!(await session.store.uploads.settle()) && !type.draftAndPublish) {
      showToast({ message: t('uploads.notSaved'), failed: true });
      return false;
    }
    // A draft is stored with its problems, which stand beside its fields.
    if (type.draftAndPublish) showErrors(NO_ERRORS, []);
    else if (!check(true)) return false;
    const done = await session.flush('asked');
    const count = session.store.problems.size;
    if (done) announce(count > 0 ? t('save.problems', { count }) : t('save.done'));
    return done;
  }, [check, session, type, t, showErrors]);

  // Leaving the browser is asked about only where something would be lost.
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      if (session.unsaved) event.preventDefault();
    };
    window.addEventListener('beforeunload', onLeave);
    return () => window.removeEventListener('beforeunload', onLeave);
  }, [session]);
  useBlocker({
    // Drafts are sent on the way out; what has no draft is only kept on this device.
    shouldBlockFn: () => session.unsaved && !session.autosaves && !window.confirm(t('leave')),
    enableBeforeUnload: false,
  });

  return { save, summary, rest, showErrors, check, saveNow };
}
