import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PluginSummary } from '@/api/plugins';

/** Why a plugin does not run, in the server's words. Nothing where all is well. */
export function PluginProblem({ plugin }: { plugin: Pick<PluginSummary, 'state' | 'reason' | 'problem'> }) {
  const { t } = useTranslation('plugin');
  const quarantined = plugin.state === 'quarantined';
  const said = plugin.problem ?? plugin.reason;
  if (!quarantined && said === null) return null;
  // A reason that somebody gave for switching it off is no trouble.
  const trouble = quarantined || plugin.problem !== null;
  return (
    <Alert
      mt="xs"
      py="xs"
      color={trouble ? 'red' : 'gray'}
      icon={<IconAlertTriangle aria-hidden />}
      title={trouble ? t(quarantined ? 'trouble.quarantined' : 'trouble.problem') : t('trouble.reason')}
      styles={{ message: { overflowWrap: 'anywhere' } }}
    >
      <div>{said}</div>
      {quarantined && <div>{t('trouble.quarantinedHint')}</div>}
    </Alert>
  );
}
