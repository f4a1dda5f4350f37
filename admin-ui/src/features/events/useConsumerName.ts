import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { webhooksQuery } from '@/api/webhooks';
import { hasPermission } from '@/app/permissions';

/** What a consumer is called: a webhook by its own name, Cairn's own in words. */
export function useConsumerName(): (name: string) => string {
  const { t } = useTranslation('events');
  const enabled = hasPermission(useSession().permissions, ['settings.webhooks']);
  const webhooks = useQuery({ ...webhooksQuery, enabled }).data;
  return (name) => {
    const id = /^webhook:(\d+)$/.exec(name)?.[1];
    if (!id) return t(`consumer.${name}`, { defaultValue: name });
    const webhook = webhooks?.find((one) => one.id === Number(id));
    return t('consumer.webhook', { name: webhook?.name ?? id });
  };
}
