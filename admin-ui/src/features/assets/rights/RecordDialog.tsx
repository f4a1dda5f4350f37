import { Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { recordQuery } from '@/api/assetRights';
import { ASSETS_KEY } from '@/api/assets';
import { problemAt } from '@/features/settings';
import { FormDialog } from '@/ui/FormDialog';

interface Props {
  kind: Parameters<typeof recordQuery>[0];
  id: number;
  title: string;
  onClose: () => void;
  notes: string | null;
  onNotes: (notes: string | null) => void;
  save: () => Promise<unknown>;
  /** Its fields, with what the server found wrong with each. */
  children: (wrong: (path: string) => string | undefined) => ReactNode;
}

/** Changes a licence or a consent, for all files that it is for. */
export function RecordDialog({ kind, id, title, onClose, notes, onNotes, save, children }: Props) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const files = useQuery(recordQuery(kind, id)).data?.assetsTotal;
  const change = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      onClose();
      await queries.invalidateQueries({ queryKey: ASSETS_KEY });
    },
  });
  const wrong = (path: string): string | undefined => problemAt(change.error, path);
  return (
    <FormDialog
      title={title}
      onClose={onClose}
      onSubmit={() => change.mutate()}
      pending={change.isPending}
      error={change.error}
    >
      {files !== undefined && (
        <Text size="sm" c="dimmed">
          {t('rights.isFor', { count: files })}
        </Text>
      )}
      {children(wrong)}
      <Textarea
        label={t('rights.notes')}
        autosize
        minRows={2}
        value={notes ?? ''}
        onChange={(event) => onNotes(event.currentTarget.value || null)}
        error={wrong('notes')}
      />
    </FormDialog>
  );
}
