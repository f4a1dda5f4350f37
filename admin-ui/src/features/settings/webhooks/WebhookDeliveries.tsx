import { Button, Drawer, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Attempt, attemptQuery, attemptsQuery, redeliver, type Webhook } from '@/api/webhooks';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime, formatNumber } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { DescriptionList } from '../parts/DescriptionList';
import { MoreRows } from '../parts/MoreRows';
import { QueryState } from '../parts/QueryState';
import { StateBadge } from '@/ui/StateBadge';
import { TableScroll } from '../parts/TableScroll';
import { TextLink } from '../parts/TextLink';
import { webhookAddress } from '../addresses';
import { ExchangeDetails } from './ExchangeDetails';

/** Every attempt to deliver of the last two weeks. */
export function WebhookDeliveries({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation(['settings', 'common']);
  const { ok, attempt } = webhookAddress.useSearch();
  const setSearch = webhookAddress.useSetSearch();
  const pages = useInfiniteQuery(attemptsQuery(webhook.id, ok));
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <SegmentedControl
          aria-label={t('webhooks.show')}
          value={ok === undefined ? 'all' : String(ok)}
          onChange={(value) => setSearch({ ok: value === 'all' ? undefined : value === 'true' })}
          data={[
            { value: 'all', label: t('common:all') },
            { value: 'false', label: t('webhooks.onlyFailed') },
            { value: 'true', label: t('webhooks.onlyTaken') },
          ]}
        />
        <Button variant="default" size="xs" loading={pages.isRefetching} onClick={() => void pages.refetch()}>
          {t('rows.refresh')}
        </Button>
      </Group>
      <QueryState query={pages}>
        {({ pages: read }) => {
          const rows = read.flatMap((page) => page.data);
          if (rows.length === 0) {
            return (
              <EmptyState
                icon={IconSend}
                title={t(ok === undefined ? 'webhooks.noDeliveries' : 'webhooks.noSuchDeliveries')}
              >
                {t('webhooks.noDeliveriesHint')}
              </EmptyState>
            );
          }
          return (
            <>
              <TableScroll label={t('webhooks.deliveries')}>
                <Table highlightOnHover>
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('webhooks.when')}</Table.Th>
                      <Table.Th>{t('webhooks.result')}</Table.Th>
                      <Table.Th>{t('webhooks.what')}</Table.Th>
                      <Table.Th>{t('webhooks.attempt')}</Table.Th>
                      <Table.Th>{t('webhooks.duration')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {rows.map((row) => (
                      <Table.Tr key={row.id}>
                        <Table.Td>
                          <TextLink
                            {...webhookAddress.to(
                              { id: String(webhook.id) },
                              { tab: 'deliveries', ok, attempt: row.id },
                            )}
                          >
                            <RelativeTime at={row.at} />
                          </TextLink>
                        </Table.Td>
                        <Table.Td>
                          <AttemptResult attempt={row} />
                        </Table.Td>
                        <Table.Td>
                          {row.event}
                          {row.uid && (
                            <Text size="xs" c="dimmed">
                              {row.uid} {row.documentId}
                            </Text>
                          )}
                        </Table.Td>
                        <Table.Td>{formatNumber(row.attempt)}</Table.Td>
                        <Table.Td>{formatNumber(row.durationMs, { style: 'unit', unit: 'millisecond' })}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </TableScroll>
              <MoreRows pages={pages} count={rows.length} />
            </>
          );
        }}
      </QueryState>
      <Drawer
        opened={attempt !== undefined}
        onClose={() => setSearch({ attempt: undefined })}
        size="xl"
        title={t('webhooks.delivery')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {attempt !== undefined && <DeliveryDetails webhook={webhook.id} attempt={attempt} />}
      </Drawer>
    </Stack>
  );
}

function AttemptResult({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('settings');
  return (
    <StateBadge tone={attempt.ok ? 'good' : 'bad'}>
      {attempt.status ?? t(attempt.ok ? 'webhooks.taken' : 'webhooks.noAnswer')}
    </StateBadge>
  );
}

function DeliveryDetails({ webhook, attempt }: { webhook: number; attempt: number }) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const attemptResult = useQuery(attemptQuery(webhook, attempt));
  const again = useMutation({
    mutationFn: () => redeliver(webhook, attempt),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks', String(webhook), 'deliveries', 'pages'] }),
  });
  return (
    <QueryState query={attemptResult}>
      {(delivery) => (
        <Stack gap="md">
          <Group justify="space-between">
            <AttemptResult attempt={delivery} />
            <Group gap="xs">
              <span role="status">{again.isSuccess && t('webhooks.onItsWay')}</span>
              <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
                {t('webhooks.redeliver')}
              </Button>
            </Group>
          </Group>
          {again.error && <ErrorMessage error={again.error} />}
          <DescriptionList
            facts={[
              [t('webhooks.when'), formatDateTime(delivery.at)],
              [t('webhooks.what'), delivery.event],
              [t('webhooks.attempt'), formatNumber(delivery.attempt)],
              [t('webhooks.eventId'), delivery.eventId],
            ]}
          />
          <ExchangeDetails exchange={delivery} error={delivery.error} />
        </Stack>
      )}
    </QueryState>
  );
}
