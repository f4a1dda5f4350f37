import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { testWebhook, type Webhook } from '@/api/webhooks';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { Section } from '../parts/Section';
import { StateBadge } from '@/ui/StateBadge';
import { ExchangeDetails } from './ExchangeDetails';

/** Sends a test now, and shows what came back. */
export function TestSection({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => testWebhook(webhook.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['webhooks', String(webhook.id)] }),
  });
  return (
    <Section title={t('webhooks.test')} lead={t('webhooks.testLead')}>
      <Stack gap="sm">
        {test.error && <ErrorMessage error={test.error} />}
        <Group>
          <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
            {t('webhooks.sendTest')}
          </Button>
          <span role="status">
            {test.data && (
              <StateBadge tone={test.data.ok ? 'good' : 'bad'}>
                {t(test.data.ok ? 'webhooks.testOk' : 'webhooks.testFailed', {
                  duration: formatNumber(test.data.durationMs),
                })}
              </StateBadge>
            )}
          </span>
        </Group>
        {test.data && <ExchangeDetails exchange={test.data} error={test.data.error} />}
      </Stack>
    </Section>
  );
}
