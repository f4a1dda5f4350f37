import { Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { consumersQuery } from '@/api/events';
import { QueryState, StateBadge, TableScroll, TextLink } from '@/features/settings';
import { formatNumber } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { toneOf } from './consumerState';
import { consumerAddress } from './addresses';
import { useConsumerName } from './useConsumerName';

/** Everybody who hears of events, how far they have got, and what they did not take. */
export default function ConsumersPage() {
  const { t } = useTranslation('events');
  const consumers = useQuery(consumersQuery);
  const nameOf = useConsumerName();
  return (
    <Stack gap="md">
      <PageTitle title={t('consumers.title')}>
        <Text size="sm" c="dimmed">
          {t('consumers.lead')}
        </Text>
      </PageTitle>
      <QueryState query={consumers}>
        {(all) => (
          <TableScroll label={t('consumers.title')}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('consumers.name')}</Table.Th>
                  <Table.Th>{t('consumers.state')}</Table.Th>
                  <Table.Th ta="right">{t('consumers.lag')}</Table.Th>
                  <Table.Th ta="right">{t('consumers.waiting')}</Table.Th>
                  <Table.Th ta="right">{t('consumers.dead')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((consumer) => (
                  <Table.Tr key={consumer.name}>
                    <Table.Td>
                      <TextLink {...consumerAddress.to({ name: consumer.name })} strong>
                        {nameOf(consumer.name)}
                      </TextLink>
                    </Table.Td>
                    <Table.Td>
                      <StateBadge tone={toneOf(consumer)}>{t(`consumers.${consumer.state}`)}</StateBadge>
                    </Table.Td>
                    <Table.Td ta="right">
                      {formatNumber(consumer.lag)}
                      {consumer.behindSince && consumer.lag > 0 && (
                        <Text size="xs" c="dimmed">
                          <RelativeTime at={consumer.behindSince} />
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td ta="right">{formatNumber(consumer.waiting)}</Table.Td>
                    <Table.Td ta="right">{formatNumber(consumer.dead)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        )}
      </QueryState>
    </Stack>
  );
}
