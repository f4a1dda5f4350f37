import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { disableWebhook, enableWebhook, type Webhook } from '@/api/webhooks';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { Section } from '../parts/Section';

/** Whether it sends, why not, and the way to change that. */
export function SwitchSection({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const [skip, setSkip] = useState(false);
  const turn = useMutation({
    mutationFn: () => (webhook.enabled ? disableWebhook(webhook.id) : enableWebhook(webhook.id, skip)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <Section
      title={t(webhook.enabled ? 'webhooks.isOn' : 'webhooks.isOff')}
      lead={t(webhook.enabled ? 'webhooks.isOnLead' : 'webhooks.isOffLead')}
    >
      <Stack gap="sm">
        {turn.error && <ErrorMessage error={turn.error} />}
        {webhook.disabledReason && !webhook.enabled && (
          <Alert color="red" title={t('webhooks.stoppedTitle')}>
            {webhook.disabledReason}
          </Alert>
        )}
        {webhook.enabled && webhook.failingSince && (
          <Alert color="yellow" title={t('webhooks.health.failing')}>
            <Text size="sm">
              {t('webhooks.failingSince')} <RelativeTime at={webhook.failingSince} />. {t('webhooks.failingHint')}
            </Text>
          </Alert>
        )}
        {!webhook.enabled && (
          <Checkbox
            checked={skip}
            onChange={(event) => setSkip(event.currentTarget.checked)}
            label={t('webhooks.skip')}
            description={t('webhooks.skipHint')}
          />
        )}
        <Group>
          <Button
            variant={webhook.enabled ? 'default' : 'filled'}
            loading={turn.isPending}
            onClick={() => turn.mutate()}
          >
            {t(webhook.enabled ? 'webhooks.turnOff' : 'webhooks.turnOn')}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}
