import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ShouldBlockFn, useBlocker } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';

type Move = Parameters<ShouldBlockFn>[0];

interface Props {
  /** Something is typed that is not saved. */
  dirty: boolean;
  /** Whether it is lost by that; left out: by another page. Tabs and filters are search parameters of the same page. */
  isLeaving?: (move: Move) => boolean;
  /** Saves it; left out where that cannot be offered. */
  save?: () => Promise<unknown>;
}

const leavesPage = ({ current, next }: Move): boolean => current.pathname !== next.pathname;

/** Asks before what was typed is left behind. */
export function UnsavedChangesDialog({ dirty, isLeaving = leavesPage, save }: Props) {
  const { t } = useTranslation('common');
  const blocker = useBlocker({
    shouldBlockFn: (move) => dirty && isLeaving(move),
    enableBeforeUnload: dirty,
    withResolver: true,
  });
  const saving = useMutation({
    mutationFn: async () => save?.(),
    onSuccess: () => blocker.proceed?.(),
  });
  return (
    <Modal
      opened={blocker.status === 'blocked'}
      size={save ? 'lg' : 'md'}
      onClose={() => blocker.reset?.()}
      title={t('unsaved.title')}
      closeButtonProps={{ 'aria-label': t('unsaved.stay') }}
    >
      <Stack gap="md">
        <Text size="sm">{t('unsaved.text')}</Text>
        {saving.error && <ErrorMessage error={saving.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => blocker.reset?.()} data-autofocus>
            {t('unsaved.stay')}
          </Button>
          <Button color="red" variant={save ? 'outline' : 'filled'} onClick={() => blocker.proceed?.()}>
            {t('unsaved.leave')}
          </Button>
          {save && (
            <Button loading={saving.isPending} onClick={() => saving.mutate()}>
              {t('unsaved.save')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
