import { Group, Text } from '@mantine/core';
import { Mark } from './Mark';

/** The name of a project that has no logo, behind Cairn's mark. */
export function Brand({ name }: { name: string }) {
  return (
    <Group gap={10} wrap="nowrap" miw={0}>
      <Mark />
      <Text fw={600} size="lg" truncate title={name}>
        {name}
      </Text>
    </Group>
  );
}
