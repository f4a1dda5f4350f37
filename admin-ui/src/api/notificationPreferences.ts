import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

export type NotificationLevel = Schemas['NotificationLevel'];

/** How somebody is told of what. */
export type NotificationPreferences = Schemas['Preferences'];

export type NotificationChanges = Schemas['ChangedPreferences'];

const PATH = '/admin/api/notifications/preferences';

export const notificationPreferencesQuery = queryOptions({
  queryKey: ['notification-preferences'],
  queryFn: async ({ signal }) => (await request<{ data: NotificationPreferences }>('GET', PATH, { signal })).data,
});

/** What it names is changed; `null` is the default again. */
export async function saveNotificationPreferences(changes: NotificationChanges): Promise<NotificationPreferences> {
  return (await request<{ data: NotificationPreferences }>('PUT', PATH, { body: changes })).data;
}
