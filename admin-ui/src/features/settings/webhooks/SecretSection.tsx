import { Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rotateSecret, type Webhook } from '@/api/webhooks';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { SecretOnce } from '../parts/SecretOnce';
import { Section } from '../parts/Section';

/** The secret that signs what is sent: replaced while the one before still counts. */
export function SecretSection({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const [hours, setHours] = useState<number | string>(24);
  const rotate = useMutation({
    mutationFn: () => rotateSecret(webhook.id, Number(hours)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <Section title={t('webhooks.secret')} lead={t('webhooks.secretLead')}>
      <Stack gap="sm">
        {rotate.error && <ErrorMessage error={rotate.error} />}
        {webhook.secrets?.map(
          (secret) =>
            secret.validUntil && (
              <Text key={secret.validUntil} size="sm">
                {t('webhooks.oldSecret', { until: formatDateTime(secret.validUntil) })}
              </Text>
            ),
        )}
        {rotate.data && (
          <SecretOnce title={t('webhooks.secretTitle')} secret={rotate.data.secret} hint={t('webhooks.secretHint')} />
        )}
        <Group align="flex-end">
          <NumberInput
            label={t('webhooks.overlap')}
            description={t('webhooks.overlapHint')}
            value={hours}
            onChange={setHours}
            min={0}
            max={720}
            allowDecimal={false}
            maw={320}
          />
          <Button variant="default" loading={rotate.isPending} onClick={() => rotate.mutate()}>
            {t('webhooks.rotate')}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}
