import { Alert, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { HttpExchange, HttpMessage } from '@/api/webhooks';
import { DescriptionList } from '../parts/DescriptionList';
import { JsonBlock } from '../parts/JsonBlock';

/** What was sent and what came back. */
export function ExchangeDetails({ exchange, error }: { exchange: HttpExchange; error: string | null }) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="sm">
      {error && (
        <Alert color="red" title={t('webhooks.failed')}>
          {error}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <HttpMessageDetails title={t('webhooks.sent')} message={exchange.request} />
        <HttpMessageDetails title={t('webhooks.received')} message={exchange.response} />
      </SimpleGrid>
    </Stack>
  );
}

function HttpMessageDetails({ title, message }: { title: string; message: HttpMessage | null }) {
  const { t } = useTranslation('settings');
  return (
    <Stack gap="xs" miw={0}>
      <Title order={3}>{title}</Title>
      {message ? (
        <>
          <DescriptionList
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
