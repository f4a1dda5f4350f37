import { Button, FileButton } from '@mantine/core';
import { IconReplace } from '@tabler/icons-react';
import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Asset, ASSETS_KEY, replaceAsset } from '@/api/assets';
import { announce } from '@/ui/live';

interface Replacement {
  id: number;
  chosen: File;
}

/** Says that another file is in a file's place, and has what is shown read anew. */
export function useAssetReplaced(): () => void {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  return () => {
    announce(t('versions.replaced'));
    void queries.invalidateQueries({ queryKey: ASSETS_KEY });
  };
}

/** Puts another file in a file's place. */
export function useReplaceAsset(onReplaced?: () => void): UseMutationResult<unknown, Error, Replacement> {
  const announceReplaced = useAssetReplaced();
  return useMutation({
    mutationFn: ({ id, chosen }: Replacement) => replaceAsset(id, chosen),
    onSuccess: () => {
      announceReplaced();
      onReplaced?.();
    },
  });
}

interface Props {
  file: Pick<Asset, 'id' | 'mime'>;
  replace: UseMutationResult<unknown, Error, Replacement>;
  children: string;
}

/** Asks for a file of the same kind to put in a file's place. */
export function ReplaceButton({ file, replace, children }: Props) {
  return (
    <FileButton accept={file.mime} onChange={(chosen) => chosen && replace.mutate({ id: file.id, chosen })}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          loading={replace.isPending}
          leftSection={<IconReplace size={16} aria-hidden />}
        >
          {children}
        </Button>
      )}
    </FileButton>
  );
}
