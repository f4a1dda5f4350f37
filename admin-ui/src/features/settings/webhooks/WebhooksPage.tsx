import { Button, Code, Table, Text } from '@mantine/core';
import { IconPlus, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { areDefaultEvents, webhooksQuery } from '@/api/webhooks';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { QueryState } from '../parts/QueryState';
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
  const make = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      renderRoot={(props) => <Link {...newWebhookAddress.to({})} {...props} />}
    >
      {t('webhooks.new')}
    </Button>
  );
  return (
    <>
      <PageTitle title={t('webhooks.title')} actions={webhooks.data?.length ? make : undefined}>
        <Text size="sm" c="dimmed">
          {t('webhooks.lead')}
        </Text>
      </PageTitle>
      <QueryState query={webhooks}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState icon={IconWebhook} title={t('webhooks.none')} action={make}>
              {t('webhooks.noneHint')}
            </EmptyState>
          ) : (
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
                        <Table.Td>
                          {webhook.types ? webhook.types.map(nameOf).join(', ') : t('webhooks.allTypes')}
                        </Table.Td>
                      </Table.Tr>
                    );
                  })}
                </Table.Tbody>
              </Table>
            </TableScroll>
          )
        }
      </QueryState>
    </>
  );
}
