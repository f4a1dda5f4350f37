import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Consumer, discardDeliveries } from '@/api/events';
import { ErrorMessage } from '@/ui/ErrorMessage';

interface Props {
  consumer: Consumer;
  target: number | 'all' | undefined;
  onClose: () => void;
  onDone: () => Promise<unknown>;
}

/** Gives deliveries up for good, with a reason that is kept. */
export function DiscardDialog({ consumer, target, onClose, onDone }: Props) {
  const { t } = useTranslation(['events', 'common']);
  return (
    <Modal
      opened={target !== undefined}
      onClose={onClose}
      title={t('discard.title')}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      {target !== undefined && <Body consumer={consumer} target={target} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

function Body({ consumer, target, onClose, onDone }: Props & { target: number | 'all' }) {
  const { t } = useTranslation(['events', 'common']);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const discard = useMutation({
    mutationFn: () => discardDeliveries(consumer.name, reason.trim(), target === 'all' ? undefined : target),
    onSuccess: async () => {
      onClose();
      await onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim()) discard.mutate();
        else setMissing(true);
      }}
    >
      <Stack gap="md">
        {discard.error && <ErrorMessage error={discard.error} />}
        <Text size="sm">{target === 'all' ? t('discard.textAll', { count: consumer.dead }) : t('discard.text')}</Text>
        <TextInput
          label={t('discard.reason')}
          description={t('discard.reasonHint')}
          value={reason}
          onChange={(event) => {
            setReason(event.currentTarget.value);
            setMissing(false);
          }}
          error={missing ? t('common:required') : undefined}
          required
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('common:cancel')}
          </Button>
          <Button type="submit" color="red" loading={discard.isPending}>
            {t('deliveries.discard')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
