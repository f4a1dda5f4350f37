import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type FailedCall, type ReplayResult, replayCall } from '@/api/plugins';
import { JsonBlock, StateBadge } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { formatMicros } from './times';

const TONES = { worked: 'good', before: 'off', failed: 'bad' } as const;

/** What only asks the plugin: the change that it was asked about is over. */
const DRY_RUN_ONLY = ['prepare', 'before'];
/** What comes by itself when it is time. */
const NOT_REPLAYABLE = ['job-batch', 'policy', 'lifecycle', 'migrate', 'check', 'report', 'erase'];

/** Whether a call can be made again at all. */
export function canReplay({ export: from }: Pick<FailedCall, 'export'>): 'both' | 'dry' | 'no' {
  if (NOT_REPLAYABLE.includes(from)) return 'no';
  return DRY_RUN_ONLY.includes(from) ? 'dry' : 'both';
}

/** Makes a call again that failed: as a trial of which nothing stays, or for good. */
export function Replay({
  plugin,
  call,
  onWorked,
}: {
  plugin: string;
  call: FailedCall;
  onWorked: () => Promise<void>;
}) {
  const { t } = useTranslation('plugin');
  const replay = useMutation({
    mutationFn: (dryRun: boolean) => replayCall(plugin, call.id, dryRun),
    onSuccess: async (done) => {
      announce(t(`replay.${done.outcome}`));
      if (!done.dryRun && done.outcome !== 'failed') await onWorked();
    },
  });
  const can = canReplay(call);
  if (can === 'no') return null;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button
          variant="default"
          loading={replay.isPending && replay.variables}
          disabled={replay.isPending}
          onClick={() => replay.mutate(true)}
        >
          {t('replay.try')}
        </Button>
        {can === 'both' && (
          <Button
            loading={replay.isPending && !replay.variables}
            disabled={replay.isPending}
            onClick={() => replay.mutate(false)}
          >
            {t('replay.do')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {t(can === 'both' ? 'replay.hint' : 'replay.hintDry')}
      </Text>
      {replay.error && <ErrorMessage error={replay.error} />}
      {replay.data && <ReplayOutcome done={replay.data} />}
    </Stack>
  );
}

function ReplayOutcome({ done }: { done: ReplayResult }) {
  const { t } = useTranslation('plugin');
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <StateBadge tone={TONES[done.outcome]}>{t(`replay.${done.outcome}`)}</StateBadge>
        {done.dryRun && <Text size="sm">{t('replay.dry', { time: formatMicros(done.tookUs) })}</Text>}
      </Group>
      <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {done.message}
      </Text>
      {done.logs.length > 0 && (
        <JsonBlock
          value={done.logs.map((line) => `${line.level}  ${line.message}`).join('\n')}
          label={t('replay.logs')}
        />
      )}
      {done.answer !== null && <JsonBlock value={done.answer} label={t('replay.answer')} />}
    </Stack>
  );
}
