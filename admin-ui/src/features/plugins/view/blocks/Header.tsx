import { Group, Text, Title } from '@mantine/core';
import { useContext } from 'react';
import { StateBadge } from '@/features/settings';
import { PageTitle } from '@/ui/PageTitle';
import { HeadingContext, useLabels } from '../context';
import { BADGES } from '@/views/tones';
import type { BlockOf } from '../types';
import { ActionButtons } from './Actions';

/** A heading within a view. */
export function HeaderBlock({ block }: { block: BlockOf<'header'> }) {
  const label = useLabels();
  const order = useContext(HeadingContext);
  return (
    <header>
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <Title order={order} size="h3">
            {label(block.title)}
          </Title>
          {block.badge && (
            <StateBadge tone={BADGES[block.badge.tone ?? 'neutral']}>{label(block.badge.label)}</StateBadge>
          )}
        </Group>
        {block.actions && <ActionButtons actions={block.actions} />}
      </Group>
      {block.subtitle && (
        <Text size="sm" c="dimmed">
          {label(block.subtitle)}
        </Text>
      )}
    </header>
  );
}

/** The header that a view begins with, as that of its page. */
export function PageHeader({ block }: { block: BlockOf<'header'> }) {
  const label = useLabels();
  return (
    <PageTitle
      title={label(block.title)}
      actions={
        <Group gap="xs">
          {block.badge && (
            <StateBadge tone={BADGES[block.badge.tone ?? 'neutral']}>{label(block.badge.label)}</StateBadge>
          )}
          {block.actions && <ActionButtons actions={block.actions} />}
        </Group>
      }
    >
      {block.subtitle && (
        <Text size="sm" c="dimmed">
          {label(block.subtitle)}
        </Text>
      )}
    </PageTitle>
  );
}
