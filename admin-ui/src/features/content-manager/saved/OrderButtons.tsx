import { ActionIcon, Group } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface Props {
  name: string;
  at: number;
  count: number;
  move: (by: number) => void;
  remove: () => void;
}

/** Moves something in its list, or takes it out. */
export function OrderButtons({ name, at, count, move, remove }: Props) {
  const { t } = useTranslation(['views', 'list']);
  const shared = { variant: 'subtle', color: 'gray', size: 28 } as const;
  return (
    <Group gap={0} wrap="nowrap">
      <ActionIcon {...shared} disabled={at === 0} aria-label={t('list:columns.up', { name })} onClick={() => move(-1)}>
        <IconArrowUp size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon
        {...shared}
        disabled={at === count - 1}
        aria-label={t('list:columns.down', { name })}
        onClick={() => move(1)}
      >
        <IconArrowDown size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon {...shared} aria-label={t('views:builder.remove', { name })} onClick={remove}>
        <IconTrash size={14} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
