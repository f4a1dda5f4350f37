import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

export type Channel = 'inApp' | 'mail';
export type Level = 'off' | 'now' | 'digest';

/** How somebody is told of what. Replaced by the generated type once the route is described. */
export interface NotificationPreferences {
  /** A time zone; `null`: that of the server. */
  zone: string | null;
  defaultZone: string;
  locale: string | null;
  kinds: { kind: string; levels: Record<Channel, Level>; defaults: Record<Channel, Level> }[];
  channels: { channel: Channel; levels: Level[] }[];
}

export interface NotificationChanges {
  zone?: string | null;
  kinds?: Record<string, Partial<Record<Channel, Level | null>>>;
}

const PATH = '/admin/api/notifications/preferences';

export const notificationPreferencesQuery = queryOptions({
  queryKey: ['notification-preferences'],
  queryFn: async ({ signal }) => (await request<{ data: NotificationPreferences }>('GET', PATH, { signal })).data,
});

/** What it names is changed; `null` is the default again. */
export async function saveNotificationPreferences(changes: NotificationChanges): Promise<NotificationPreferences> {
  return (await request<{ data: NotificationPreferences }>('PUT', PATH, { body: changes })).data;
}
