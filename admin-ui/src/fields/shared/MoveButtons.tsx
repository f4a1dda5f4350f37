import { ActionIcon } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface Props {
  /** What is moved. */
  name: string;
  at: number;
  count: number;
  onMove: (to: number) => void;
}

/** Moves an item of a list by one place. */
export function MoveButtons({ name, at, count, onMove }: Props) {
  const { t } = useTranslation('fields');
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={at === 0}
        aria-label={t('order.up', { name })}
        onClick={() => onMove(at - 1)}
      >
        <IconArrowUp size={16} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        disabled={at === count - 1}
        aria-label={t('order.down', { name })}
        onClick={() => onMove(at + 1)}
      >
        <IconArrowDown size={16} aria-hidden />
      </ActionIcon>
    </>
  );
}
