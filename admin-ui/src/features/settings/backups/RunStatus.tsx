import { Alert, Anchor, Loader, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupsState } from '@/api/backups';
import { formatDateTime, formatTime } from '@/ui/format';
import { adminOf, type RestoreTarget } from './restoreTarget';

interface Props {
  state: BackupsState;
  /** What was asked for on this page. */
  target: RestoreTarget | undefined;
}

/** What goes on, or how it ended. The region stays where it is, so that a change is read aloud. */
export function RunStatus({ state, target }: Props) {
  return <div role="status">{state.run && <RunDetails {...state} run={state.run} target={target} />}</div>;
}

function RunDetails({
  run,
  backups,
  target,
}: Omit<BackupsState, 'run'> & { run: NonNullable<BackupsState['run']>; target: RestoreTarget | undefined }) {
  const { t } = useTranslation('backups');
  const { what, name, tenant, error } = run;
  const takenAt = backups.find((backup) => backup.name === name)?.takenAt;
  const backup = takenAt ? formatDateTime(takenAt) : name;
  if (run.endedAt === null) {
    return (
      <Alert
        role="group"
        color="blue"
        icon={<Loader size={18} aria-hidden />}
        title={t(`going.${what}`, { backup, tenant })}
      >
        {t('since', { time: formatTime(run.startedAt) })}
      </Alert>
    );
  }
  const ended = <Text size="sm">{t('endedAt', { time: formatDateTime(run.endedAt) })}</Text>;
  if (error !== null) {
    return (
      <Alert
        role="group"
        color="red"
        icon={<IconAlertTriangle aria-hidden />}
        title={t(`failed.${what}`, { backup, tenant })}
      >
        <Stack gap="xs">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {error}
          </Text>
          <Text size="sm">{t(`afterFailed.${what}`)}</Text>
          {ended}
        </Stack>
      </Alert>
    );
  }
  const host = what === 'restore' && target && target.tenant === tenant ? target.host : undefined;
  return (
    <Alert role="group" color="green" icon={<IconCheck aria-hidden />} title={t(`well.${what}`, { backup, tenant })}>
      <Stack gap="xs" align="flex-start">
        {host && (
          <Anchor size="sm" underline="always" href={adminOf(host, window.location)} target="_blank" rel="noreferrer">
            {t('open')}
          </Anchor>
        )}
        {ended}
      </Stack>
    </Alert>
  );
}
