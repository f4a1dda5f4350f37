import { Code, Table, Text } from '@mantine/core';
import { IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { areDefaultEvents, webhooksQuery } from '@/api/webhooks';
import { RelativeTime } from '@/ui/RelativeTime';
import { ListPage } from '../parts/ListPage';
import { StateBadge } from '@/ui/StateBadge';
import { TableScroll } from '../parts/TableScroll';
import { TextLink } from '../parts/TextLink';
import { useContentTypes } from '../parts/useContentTypes';
import { newWebhookAddress, webhookAddress } from '../addresses';
import { webhookHealth } from './health';

/** Who outside is told of what happens here, and how that goes. */
export default function WebhooksPage() {
  const { t } = useTranslation('settings');
  const webhooks = useQuery(webhooksQuery);
  const { nameOf } = useContentTypes();
  return (
    <ListPage
      texts={{
        title: t('webhooks.title'),
        lead: t('webhooks.lead'),
        add: t('webhooks.new'),
        none: t('webhooks.none'),
        noneHint: t('webhooks.noneHint'),
      }}
      icon={IconWebhook}
      query={webhooks}
      isEmpty={(all) => all.length === 0}
      add={newWebhookAddress.to({})}
    >
      {(all) => (
        <TableScroll label={t('webhooks.title')}>
          <Table highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('webhooks.name')}</Table.Th>
                <Table.Th>{t('webhooks.state')}</Table.Th>
                <Table.Th>{t('webhooks.events')}</Table.Th>
                <Table.Th>{t('webhooks.types')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map((webhook) => {
                const health = webhookHealth(webhook);
                return (
                  <Table.Tr key={webhook.id}>
                    <Table.Td>
                      <TextLink {...webhookAddress.to({ id: String(webhook.id) })} strong>
                        {webhook.name}
                      </TextLink>
                      <div>
                        <Code style={{ overflowWrap: 'anywhere' }}>{webhook.url}</Code>
                      </div>
                    </Table.Td>
                    <Table.Td>
                      <StateBadge tone={health.tone}>{t(`webhooks.health.${health.state}`)}</StateBadge>
                      {webhook.failingSince && (
                        <Text size="xs" c="dimmed">
                          {t('webhooks.failingSince')} <RelativeTime at={webhook.failingSince} />
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      {areDefaultEvents(webhook.events)
                        ? t('webhooks.usualEvents')
                        : t('webhooks.eventCount', { count: webhook.events.length })}
                    </Table.Td>
                    <Table.Td>{webhook.types ? webhook.types.map(nameOf).join(', ') : t('webhooks.allTypes')}</Table.Td>
                  </Table.Tr>
                );
              })}
            </Table.Tbody>
          </Table>
        </TableScroll>
      )}
    </ListPage>
  );
}
