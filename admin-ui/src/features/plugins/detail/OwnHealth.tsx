import { Alert } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { healthReportQuery } from '@/api/plugins';

/** What a plugin says of its own health, where it says anything. */
export function OwnHealth({ plugin }: { plugin: string }) {
  const { t } = useTranslation('plugin');
  const report = useQuery(healthReportQuery(plugin)).data;
  if (!report || report.ok === null || (report.ok && report.detail === '')) return null;
  return (
    <Alert
      color={report.ok ? 'green' : 'orange'}
      icon={report.ok ? <IconCircleCheck /> : <IconAlertTriangle />}
      title={t(report.ok ? 'health.ownOk' : 'health.ownProblem')}
    >
      {report.detail}
    </Alert>
  );
}
