import { Badge } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconClock, IconPlayerPause, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';

const TONES = {
  good: { color: 'green', Icon: IconCheck },
  waiting: { color: 'blue', Icon: IconClock },
  warning: { color: 'yellow', Icon: IconAlertTriangle },
  bad: { color: 'red', Icon: IconX },
  off: { color: 'gray', Icon: IconPlayerPause },
} as const;

export type BadgeTone = keyof typeof TONES;

/** How something stands: a word, a sign and a colour, of which the colour could be left out. */
export function StateBadge({ tone, children }: { tone: BadgeTone; children: ReactNode }) {
  const { color, Icon } = TONES[tone];
  return (
    <Badge
      color={color}
      variant="light"
      c="var(--mantine-color-text)"
      leftSection={<Icon size={12} color={`var(--mantine-color-${color}-text)`} aria-hidden />}
    >
      {children}
    </Badge>
  );
}
