import { Alert, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Exchange, HttpMessage } from '@/api/webhooks';
import { Facts } from '../parts/Facts';
import { JsonBlock } from '../parts/JsonBlock';

/** What was sent and what came back. */
export function Exchanged({ exchange, error }: { exchange: Exchange; error: string | null }) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="sm">
      {error && (
        <Alert color="red" title={t('webhooks.failed')}>
          {error}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Message title={t('webhooks.sent')} message={exchange.request} />
        <Message title={t('webhooks.received')} message={exchange.response} />
      </SimpleGrid>
    </Stack>
  );
}

function Message({ title, message }: { title: string; message: HttpMessage | null }) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="xs" miw={0}>
      <Title order={3}>{title}</Title>
      {message ? (
        <>
          <Facts
            facts={[
              [t('webhooks.httpStatus'), message.status],
              [t('webhooks.url'), message.url],
            ]}
          />
          {message.headers && (
            <>
              <Text size="sm" c="dimmed">
                {t('webhooks.headers')}
              </Text>
              <JsonBlock value={message.headers} label={t('webhooks.headersOf', { what: title })} />
            </>
          )}
          {message.body !== undefined && message.body !== '' && (
            <>
              <Text size="sm" c="dimmed">
                {t('webhooks.body')}
              </Text>
              <JsonBlock value={message.body} label={t('webhooks.bodyOf', { what: title })} />
            </>
          )}
        </>
      ) : (
        <Text size="sm" c="dimmed">
          {t('webhooks.nothingCame')}
        </Text>
      )}
    </Stack>
  );
}
