import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Icon } from './icon';

interface Props {
  icon?: Icon;
  title: string;
  /** What this is, and what to do. */
  children?: ReactNode;
  /** One primary action, perhaps a link to more. */
  action?: ReactNode;
  /** The level that the heading has on its page. */
  order?: 2 | 3 | 4;
}

/** What stands where nothing is: what it would be, and what to do about it. */
export function EmptyState({ icon: IconOf, title, children, action, order = 2 }: Props) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      {IconOf && <IconOf size={36} stroke={1.25} aria-hidden />}
      <Title order={order} size="h4">
        {title}
      </Title>
      {children && (
        <Text c="dimmed" maw={480} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
