import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type BadgeTone, StateBadge } from '@/ui/StateBadge';

const TONES: Record<string, BadgeTone> = {
  waiting: 'waiting',
  done: 'good',
  'no-part': 'off',
  off: 'warning',
  failed: 'bad',
};

interface Props {
  state: string;
  /** What it is called where all went well. */
  done: string;
  problem: string | null;
}

/** How a source stands, and what is wrong with it. */
export function SourceBadge({ state, done, problem }: Props) {
  const { t } = useTranslation('personal');
  const hasProblem = problem !== null && (state === 'off' || state === 'failed');
  return (
    <Stack gap={2} align="flex-start">
      <StateBadge tone={TONES[state] ?? 'off'}>{state === 'done' ? done : t(`sourceState.${state}`)}</StateBadge>
      {hasProblem && (
        <Text size="xs" c="dimmed">
          {problem}
        </Text>
      )}
    </Stack>
  );
}
