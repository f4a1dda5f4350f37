import { Tabs } from '@mantine/core';
import type { ReactElement } from 'react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { waitingReviewsQuery } from '@/api/reviews';
import { CountBadge } from '@/ui/CountBadge';
import { PageTitle } from '@/ui/PageTitle';
import { Notifications } from './Notifications';
import { Reviews } from './Reviews';
import { inboxAddress, type InboxSearch, TABS } from './addresses';

/** What somebody was told, and the work that waits for them. */
export default function InboxPage(): ReactElement {
  const { t } = useTranslation('inbox');
  const { tab, unread } = inboxAddress.useSearch();
  const waits = useQuery(waitingReviewsQuery).data?.reviews.length ?? 0;
  const set = inboxAddress.useSetSearch();
  return (
    <>
      <PageTitle title={t('title')} />
      <Tabs value={tab} onChange={(next) => set({ tab: next as InboxSearch['tab'] })} keepMounted={false} mt="sm">
        <Tabs.List aria-label={t('title')}>
          {TABS.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              rightSection={
                one === 'waiting' &&
                waits > 0 && <CountBadge count={waits} label={t('waitingCount', { count: waits })} />
              }
            >
              {t(`tab.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="notifications" pt="sm">
          <Notifications unread={unread === true} onUnread={(only) => set({ unread: only ? true : undefined })} />
        </Tabs.Panel>
        <Tabs.Panel value="mentions" pt="sm">
          <Notifications
            kind="mention"
            unread={unread === true}
            onUnread={(only) => set({ unread: only ? true : undefined })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="waiting" pt="sm">
          <Reviews asked="waiting" />
        </Tabs.Panel>
        <Tabs.Panel value="assigned" pt="sm">
          <Reviews asked="assigned" />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
