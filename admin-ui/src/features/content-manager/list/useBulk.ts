import { useCallback, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { announce } from '@/ui/live';
import { useEntriesChanged } from '@/views/entries/useEntryRows';
import { type BulkAction, type BulkResult, runBulk } from './bulk';
import { bulkResultText } from './bulkResultText';

/** What work on many documents is at. */
type BulkState =
  | { phase: 'idle' }
  | { phase: 'running'; action: BulkAction; total: number; done: number }
  | { phase: 'done'; result: BulkResult }
  | { phase: 'undoing'; result: BulkResult; total: number; done: number }
  | { phase: 'undone'; result: BulkResult; failed: number; error: unknown };

export interface BulkRun {
  state: BulkState;
  run: (action: BulkAction, documentIds: readonly string[]) => Promise<void>;
  cancel: () => void;
  undo: () => Promise<void>;
  dismiss: () => void;
}

/** Runs one action at a time; what it did can be taken back until the next. */
export function useBulk(type: ContentType, locale: string | undefined): BulkRun {
  const { t } = useTranslation('list');
  const [state, setState] = useState<BulkState>({ phase: 'idle' });
  const stop = useRef<AbortController>(null);
  const changed = useEntriesChanged();

  const run = useCallback(
    async (action: BulkAction, documentIds: readonly string[]) => {
      const controller = new AbortController();
      stop.current = controller;
      setState({ phase: 'running', action, total: documentIds.length, done: 0 });
      const result = await runBulk(action, documentIds, {
        type,
        locale: type.localized ? locale : undefined,
        signal: controller.signal,
        onProgress: (done) => setState({ phase: 'running', action, total: documentIds.length, done }),
      });
      setState({ phase: 'done', result });
      announce(bulkResultText(t, result));
      await changed(type.uid);
    },
    [type, locale, changed, t],
  );

  const undo = useCallback(async () => {
    if (state.phase !== 'done') return;
    const { result } = state;
    let failed = 0;
    let error: unknown;
    for (const [at, step] of result.undo.entries()) {
      setState({ phase: 'undoing', result, total: result.undo.length, done: at });
      try {
        failed += (await step()).filter((outcome) => !outcome.done).length;
      } catch (cause) {
        error = cause;
        failed += 1;
      }
    }
    setState({ phase: 'undone', result, failed, error });
    announce(t('bulk.undone'));
    await changed(type.uid);
  }, [state, type.uid, changed, t]);

  return { state, run, cancel: () => stop.current?.abort(), undo, dismiss: () => setState({ phase: 'idle' }) };
}
