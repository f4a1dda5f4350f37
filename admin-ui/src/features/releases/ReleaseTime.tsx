import { Text } from '@mantine/core';
import type { Release } from '@/api/releases';
import { formatDateTime } from '@/ui/format';

/** When a release is to go out: the time on the clock there, and the zone of that clock. */
export function ReleaseTime({ release }: { release: Release }) {
  if (!release.due || !release.zone) return null;
  return (
    <Text span size="sm">
      {formatDateTime(release.due, release.zone)} ({release.zone})
    </Text>
  );
}
