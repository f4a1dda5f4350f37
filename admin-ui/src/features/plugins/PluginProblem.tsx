import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PluginSummary } from '@/api/plugins';

/** Why a plugin does not run, in the server's words. Nothing where all is well. */
export function PluginProblem({ plugin }: { plugin: Pick<PluginSummary, 'state' | 'reason' | 'problem' | 'off'> }) {
  const { t } = useTranslation('plugin');
  const quarantined = plugin.state === 'quarantined';
  const message = plugin.problem ?? plugin.reason;
  const off = plugin.off.length > 0 && (
    <Alert mt="xs" py="xs" color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('trouble.off')}>
      <ul style={{ margin: 0, paddingInlineStart: '1.1rem', overflowWrap: 'anywhere' }}>
        {plugin.off.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <div>{t('trouble.offHint')}</div>
    </Alert>
  );
  if (!quarantined && message === null) return off || null;
  // A reason that somebody gave for switching it off is no trouble.
  const isProblem = quarantined || plugin.problem !== null;
  return (
    <>
      <Alert
        mt="xs"
        py="xs"
        color={isProblem ? 'red' : 'gray'}
        icon={<IconAlertTriangle aria-hidden />}
        title={isProblem ? t(quarantined ? 'trouble.quarantined' : 'trouble.problem') : t('trouble.reason')}
        styles={{ message: { overflowWrap: 'anywhere' } }}
      >
        <div>{message}</div>
        {quarantined && <div>{t('trouble.quarantinedHint')}</div>}
      </Alert>
      {off}
    </>
  );
}
