import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ASSETS_KEY, bulkAssets, undoBulk } from '@/api/assets';
import { useUndo } from '@/features/settings';

/** Puts files into a folder, with ten seconds to take it back. */
export function useMoveFiles(onDone: () => void): { move: (ids: string[], folder: number) => void; error: unknown } {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const undo = useUndo();
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ASSETS_KEY });
  const run = useMutation({
    mutationFn: ({ ids, folder }: { ids: string[]; folder: number }) => bulkAssets({ action: 'move', ids, folder }),
    onSuccess: async (done) => {
      onDone();
      undo(t('bulk.done.move', { count: done.changed }), async () => {
        await undoBulk(done.undo);
        await refresh();
      });
      await refresh();
    },
  });
  return { move: (ids, folder) => run.mutate({ ids, folder }), error: run.error };
}
