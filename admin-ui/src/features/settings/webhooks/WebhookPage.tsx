import { Alert, Stack, Tabs, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { changeWebhook, deleteWebhook, type Webhook, type WebhookChanges, webhookQuery } from '@/api/webhooks';
import { PageTitle } from '@/ui/PageTitle';
import { RemoveSection } from '../parts/RemoveSection';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { StateBadge } from '@/ui/StateBadge';
import { TextLink } from '../parts/TextLink';
import { webhookAddress, webhooksAddress } from '../addresses';
import { WebhookDeliveries } from './WebhookDeliveries';
import { webhookHealth } from './health';
import { SecretSection } from './SecretSection';
import { SwitchSection } from './SwitchSection';
import { TestSection } from './TestSection';
import { WebhookForm } from './WebhookForm';

/** One webhook: what it is, whether it works, what it sent. */
export default function WebhookPage() {
  const { t } = useTranslation('settings');
  const id = Number(webhookAddress.useParams().id);
  const { tab = 'settings' } = webhookAddress.useSearch();
  const setSearch = webhookAddress.useSetSearch();
  const webhook = useQuery(webhookQuery(id));
  return (
    <Stack gap="md">
      <TextLink {...webhooksAddress.to({})}>{t('webhooks.title')}</TextLink>
      <QueryState query={webhook}>
        {(found) => (
          <>
            <PageTitle
              title={found.name}
              actions={
                <StateBadge tone={webhookHealth(found).tone}>
                  {t(`webhooks.health.${webhookHealth(found).state}`)}
                </StateBadge>
              }
            />
            <Tabs
              value={tab}
              onChange={(value) =>
                setSearch({ tab: value === 'deliveries' ? 'deliveries' : undefined, attempt: undefined })
              }
              keepMounted={false}
            >
              <Tabs.List mb="md">
                <Tabs.Tab value="settings">{t('webhooks.settings')}</Tabs.Tab>
                <Tabs.Tab value="deliveries">{t('webhooks.deliveries')}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="settings">
                <WebhookSettings webhook={found} />
              </Tabs.Panel>
              <Tabs.Panel value="deliveries">
                <WebhookDeliveries webhook={found} />
              </Tabs.Panel>
            </Tabs>
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function WebhookSettings({ webhook }: { webhook: Webhook }) {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: (changes: WebhookChanges) => changeWebhook(webhook.id, changes),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <Stack gap="md" maw={760}>
      {webhook.problem && (
        <Alert color="red" title={t('webhooks.health.broken')}>
          {webhook.problem}
        </Alert>
      )}
      <SwitchSection webhook={webhook} />
      <Section title={t('webhooks.settings')}>
        <WebhookForm
          webhook={webhook}
          send={(changes) => save.mutateAsync(changes)}
          pending={save.isPending}
          error={save.error}
          saved={save.isSuccess}
        />
      </Section>
      <TestSection webhook={webhook} />
      <SecretSection webhook={webhook} />
      <RemoveSection
        title={t('webhooks.delete')}
        lead={t('webhooks.deleteLead')}
        word={webhook.name}
        onConfirm={async () => {
          await deleteWebhook(webhook.id);
          await navigate(webhooksAddress.to({}));
          await queries.invalidateQueries({ queryKey: ['webhooks'] });
        }}
      >
        <Text size="sm">{t('webhooks.deleteText', { url: webhook.url })}</Text>
      </RemoveSection>
    </Stack>
  );
}
