import { Button, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { createWebhook } from '@/api/webhooks';
import { PageTitle } from '@/ui/PageTitle';
import { SecretOnce } from '../parts/SecretOnce';
import { TextLink } from '../parts/TextLink';
import { webhookAddress, webhooksAddress } from '../addresses';
import { WebhookForm } from './WebhookForm';

/** Makes a webhook, and tells its secret once. */
export default function NewWebhookPage() {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: createWebhook,
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  const created = create.data;
  return (
    <Stack gap="md" maw={760}>
      <TextLink {...webhooksAddress.to({})}>{t('webhooks.title')}</TextLink>
      <PageTitle title={created ? created.name : t('webhooks.new')} />
      {created ? (
        <>
          {created.secret && (
            <SecretOnce title={t('webhooks.secretTitle')} secret={created.secret} hint={t('webhooks.secretHint')} />
          )}
          <Button
            style={{ alignSelf: 'flex-start' }}
            renderRoot={(props) => <Link {...webhookAddress.to({ id: String(created.id) })} {...props} />}
          >
            {t('webhooks.goOn')}
          </Button>
        </>
      ) : (
        <WebhookForm
          send={(changes) => create.mutateAsync(changes)}
          pending={create.isPending}
          error={create.error}
          saved={false}
          submit={t('webhooks.create')}
        />
      )}
    </Stack>
  );
}
