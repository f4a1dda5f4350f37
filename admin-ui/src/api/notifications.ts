import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** What a person was told. */
export type Notification = Schemas['Notification'];

const PATH = '/admin/api/notifications';

/** A page, newest first. */
export async function listNotifications(
  params: { unread?: boolean; kind?: string; before?: number },
  signal: AbortSignal,
): Promise<{ notifications: Notification[]; before: number | null; unread: number }> {
  const body = await request<{ data: Notification[]; meta: { before: number | null; unread: number } }>('GET', PATH, {
    query: { ...params, limit: 50 },
    signal,
  });
  return { notifications: body.data, before: body.meta.before, unread: body.meta.unread };
}

export const unreadQuery = queryOptions({
  queryKey: ['notifications', 'unread'],
  queryFn: async ({ signal }) =>
    (await request<{ data: { unread: number } }>('GET', `${PATH}/unread`, { signal })).data.unread,
  refetchInterval: 60_000,
});

export async function markNotification(id: number, read: boolean): Promise<void> {
  await request('POST', `${PATH}/${id}/${read ? 'read' : 'unread'}`);
}

/** Marks all up to one as read: what came meanwhile stays unread. */
export async function markAllRead(upTo: number): Promise<void> {
  await request('POST', `${PATH}/read-all`, { body: { upTo } });
}
