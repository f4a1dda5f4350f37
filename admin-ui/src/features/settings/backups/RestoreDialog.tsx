import { Alert, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Backup, restoreBackup } from '@/api/backups';
import { formatDateTime } from '@/ui/format';
import { FormDialog } from '@/ui/FormDialog';
import { problemAt } from '../parts/problems';
import { type RestoreTarget, isHost, isTenantName, suggestedHost, suggestedTenant } from './restoreTarget';
import { isAlreadyRunning, useStart } from './useStart';

interface Props {
  backup: Backup;
  onStarted: (beside: RestoreTarget) => void;
  onClose: () => void;
}

/** Asks by which names a backup is restored; whoever does not mind sends what is there. */
export function RestoreDialog({ backup, onStarted, onClose }: Props) {
  const { t } = useTranslation('backups');
  const [typedTenant, setTenant] = useState(() => suggestedTenant(backup.takenAt));
  const [typedHost, setHost] = useState<string>();
  const [looked, setLooked] = useState(false);
  const tenant = typedTenant.trim();
  const host = (typedHost ?? suggestedHost(tenant, window.location.hostname)).trim();
  const start = useStart(() => {
    onStarted({ tenant, host });
    onClose();
  });
  const wrong = { tenant: looked && !isTenantName(tenant), host: looked && !isHost(host) };
  const tenantProblem = wrong.tenant ? t('problem.tenant') : problemAt(start.error, 'tenant');
  const hostProblem = wrong.host ? t('problem.host') : problemAt(start.error, 'hosts');
  const submit = (): void => {
    setLooked(true);
    if (isTenantName(tenant) && isHost(host)) start.mutate(() => restoreBackup(backup.name, { tenant, hosts: [host] }));
  };
  const second = isAlreadyRunning(start.error);
  return (
    <FormDialog
      title={t('restoreNamed', { taken: formatDateTime(backup.takenAt) })}
      onClose={onClose}
      onSubmit={submit}
      pending={start.isPending}
      error={second || tenantProblem || hostProblem ? undefined : start.error}
      submit={t('restore')}
      noValidate
    >
      {second && <Alert color="yellow">{t('second')}</Alert>}
      <Text size="sm">{t('restoreText')}</Text>
      <TextInput
        label={t('tenant')}
        description={t('tenantHint')}
        value={typedTenant}
        onChange={(event) => {
          start.reset();
          setTenant(event.currentTarget.value);
        }}
        error={tenantProblem}
        required
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <TextInput
        label={t('host')}
        description={t('hostHint')}
        value={typedHost ?? host}
        onChange={(event) => {
          start.reset();
          setHost(event.currentTarget.value);
        }}
        error={hostProblem}
        required
        autoComplete="off"
        spellCheck={false}
      />
    </FormDialog>
  );
}
