import { Button, Checkbox, Group, Skeleton, Text } from '@mantine/core';
import { IconChecks, IconInbox } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { listNotifications, markAllRead, markNotification, type Notification } from '@/api/notifications';
import { peopleQuery } from '@/api/users';
import { entryTarget, plainMentions } from '@/features/content-manager';
import { releaseAddress } from '@/features/releases';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { MoreButton } from '@/ui/MoreButton';
import { RelativeTime } from '@/ui/RelativeTime';
import type { Target } from '@/app/address';
import classes from './Inbox.module.css';

interface Props {
  kind?: string;
  unread: boolean;
  onUnread: (only: boolean) => void;
}

/** What somebody was told, newest first. Opening one reads it; reading can be taken back. */
export function Notifications({ kind, unread, onUnread }: Props) {
  const { t } = useTranslation(['inbox', 'common']);
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ['notifications', 'list', kind ?? 'all', unread],
    queryFn: ({ pageParam, signal }) =>
      listNotifications(
        { ...(kind ? { kind } : {}), ...(unread ? { unread } : {}), ...(pageParam ? { before: pageParam } : {}) },
        signal,
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.before ?? undefined,
  });
  const people = useQuery(peopleQuery).data ?? [];
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['notifications'] });
  const mark = useMutation({
    mutationFn: ({ id, read }: { id: number; read: boolean }) => markNotification(id, read),
    onSuccess: changed,
  });
  const all = useMutation({ mutationFn: markAllRead, onSuccess: changed });
  const notifications = list.data?.pages.flatMap((page) => page.notifications) ?? [];
  const newest = notifications[0]?.id;
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Checkbox
          label={t('inbox:onlyUnread')}
          checked={unread}
          onChange={(event) => onUnread(event.currentTarget.checked)}
        />
        {!kind && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconChecks size={14} aria-hidden />}
            disabled={newest === undefined || (list.data?.pages[0]?.unread ?? 0) === 0}
            loading={all.isPending}
            onClick={() => newest !== undefined && all.mutate(newest)}
          >
            {t('inbox:readAll')}
          </Button>
        )}
      </Group>
      {list.error && <ErrorMessage error={list.error} retry={() => void list.refetch()} />}
      {(mark.error ?? all.error) && <ErrorMessage error={mark.error ?? all.error} />}
      {list.isPending && (
        <DelayedContent>
          <Skeleton h={160} aria-label={t('common:loading')} />
        </DelayedContent>
      )}
      {list.isSuccess && notifications.length === 0 && (
        <EmptyState icon={IconInbox} title={t(unread ? 'inbox:empty.unread' : 'inbox:empty.title')}>
          {t('inbox:empty.hint')}
        </EmptyState>
      )}
      <ul className={classes.list}>
        {notifications.map((notification) => {
          const read = notification.readAt !== null;
          const target = targetOf(notification);
          const title = notification.title ?? notification.kind;
          return (
            <li key={notification.id} className={classes.item} data-unread={read ? undefined : ''}>
              <div>
                {target ? (
                  <Link {...target} onClick={() => !read && mark.mutate({ id: notification.id, read: true })}>
                    {title}
                  </Link>
                ) : (
                  title
                )}
                {!read && <span className={classes.mark}>{t('inbox:new')}</span>}
                {typeof notification.params.excerpt === 'string' && (
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {plainMentions(notification.params.excerpt, people)}
                  </Text>
                )}
                <Text size="xs" c="dimmed">
                  <RelativeTime at={notification.at} />
                </Text>
              </div>
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() => mark.mutate({ id: notification.id, read: !read })}
              >
                {t(read ? 'inbox:markUnread' : 'inbox:markRead')}
              </Button>
            </li>
          );
        })}
      </ul>
      <MoreButton pages={list} mt="sm" />
    </>
  );
}

/** Where a notification leads. */
function targetOf({ link }: Notification): Target | undefined {
  if (!link) return undefined;
  if (link.type === 'admin') return { to: link.path.replace(/^\/admin/, ''), params: {}, search: {} };
  return link.type === 'document'
    ? entryTarget(link.contentType, link.documentId, link.locale)
    : releaseAddress.to({ id: String(link.id) });
}
