import { Button, Group, Modal, NumberInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** Where the item is, from zero. */
  at: number;
  count: number;
  onClose: () => void;
  /** Told the new place, from zero. */
  onMove: (to: number) => void;
}

/** Asks for the place that an item of a list moves to. */
export default function MoveToDialog({ at, count, onClose, onMove }: Props) {
  const { t } = useTranslation('fields');
  const [position, setPosition] = useState<string | number>(at + 1);
  return (
    <Modal opened onClose={onClose} title={t('items.moveTo')} size="xs" closeButtonProps={{ 'aria-label': t('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onMove(Number(position) - 1);
        }}
      >
        <NumberInput
          data-autofocus
          label={t('items.place', { count })}
          min={1}
          max={count}
          value={position}
          onChange={setPosition}
        />
        <Group justify="flex-end" mt="md">
          <Button type="submit">{t('items.move')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
