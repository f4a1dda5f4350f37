import { Alert, Stack, Text } from '@mantine/core';
import { IconArchive } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Backup, backupsQuery, isBusy, startBackup, verifyBackup } from '@/api/backups';
import { isAbsent } from '@/api/routeExists';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { QueryState } from '../parts/QueryState';
import { BackupTable } from './BackupTable';
import type { RestoreTarget } from './restoreTarget';
import { DeleteDialog } from './DeleteDialog';
import { RestoreDialog } from './RestoreDialog';
import { RunStatus } from './RunStatus';
import { StartButton } from './StartButton';
import { isAlreadyRunning, useStart } from './useStart';

interface BackupDialog {
  to: 'restore' | 'delete';
  backup: Backup;
}

/** Backups: taken, verified, fetched, and restored beside the live site. */
export default function BackupsPage() {
  const { t } = useTranslation('backups');
  const state = useQuery(backupsQuery);
  const start = useStart();
  const [asking, setAsking] = useState<BackupDialog>();
  const [target, setTarget] = useState<RestoreTarget>();
  const close = (): void => setAsking(undefined);
  const busy = isBusy(state.data);
  const take = (
    <StartButton
      busy={busy}
      loading={start.isPending}
      leftSection={<IconArchive size={16} aria-hidden />}
      onClick={() => start.mutate(startBackup)}
    >
      {t('take')}
    </StartButton>
  );
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')} actions={state.data?.backups.length ? take : undefined}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {isAbsent(state.error) ? (
        <EmptyState icon={IconArchive} title={t('absent')}>
          {t('absentHint')}
        </EmptyState>
      ) : (
        <>
          {isAlreadyRunning(start.error) ? (
            <Alert color="yellow">{t('second')}</Alert>
          ) : (
            start.error && <ErrorMessage error={start.error} />
          )}
          <QueryState query={state}>
            {(found) => (
              <>
                <RunStatus state={found} target={target} />
                {found.backups.length === 0 ? (
                  <EmptyState icon={IconArchive} title={t('none')} action={take}>
                    {t('noneHint')}
                  </EmptyState>
                ) : (
                  <>
                    {!found.mayRestore && <Text size="sm">{t('mayNotRestore')}</Text>}
                    <BackupTable
                      backups={found.backups}
                      busy={busy}
                      onRestore={found.mayRestore ? (backup) => setAsking({ to: 'restore', backup }) : undefined}
                      onVerify={({ name }) => start.mutate(() => verifyBackup(name))}
                      onDelete={(backup) => setAsking({ to: 'delete', backup })}
                    />
                  </>
                )}
              </>
            )}
          </QueryState>
        </>
      )}
      {asking?.to === 'restore' && <RestoreDialog backup={asking.backup} onStarted={setTarget} onClose={close} />}
      {asking?.to === 'delete' && <DeleteDialog backup={asking.backup} onClose={close} />}
    </Stack>
  );
}
