import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ASSETS_KEY, bulkAssets, undoBulk } from '@/api/assets';
import { useUndo } from '@/features/settings';

/** Moves files to the trash, and offers to bring them back. */
export function useTrash(onDone: () => void) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const undo = useUndo();
  const refresh = () => queries.invalidateQueries({ queryKey: ASSETS_KEY });
  return useMutation({
    mutationFn: (ids: string[]) => bulkAssets({ action: 'trash', ids }),
    onSuccess: (done) => {
      onDone();
      void refresh();
      undo(t('bulk.done.trash', { count: done.changed }), async () => {
        await undoBulk(done.undo);
        await refresh();
      });
    },
  });
}
