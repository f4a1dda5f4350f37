import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** Who may register in the content API, and how long they stay signed in. */
export type AuthSettings = Schemas['AuthSettings'];
/** Who sends mails; null: as the server is configured. */
export type SenderSettings = Schemas['MailSettings'];
/** How the admin, mails and Cairn's own pages look; null: Cairn's own. */
export type ThemeSettings = Schemas['ThemeSettings'];

/** What is to change; what is left out stays, null is the default again. */
type SettingsChanges<Settings> = {
  [Key in keyof Settings]?: Settings[Key] extends object ? Partial<Settings[Key]> : Settings[Key];
};

const PATH = '/admin/api/settings';

function settingsQuery<Settings>(name: string) {
  return queryOptions({
    queryKey: ['settings', name],
    queryFn: async ({ signal }) => (await request<{ data: Settings }>('GET', `${PATH}/${name}`, { signal })).data,
  });
}

async function patchSettings<Settings>(name: string, changes: SettingsChanges<Settings>): Promise<Settings> {
  return (await request<{ data: Settings }>('PUT', `${PATH}/${name}`, { body: changes })).data;
}

export const authSettingsQuery = settingsQuery<AuthSettings>('auth');
export const senderSettingsQuery = settingsQuery<SenderSettings>('mail');
export const themeSettingsQuery = settingsQuery<ThemeSettings>('theme');

export const saveAuthSettings = (changes: SettingsChanges<AuthSettings>): Promise<AuthSettings> =>
  patchSettings('auth', changes);
export const saveSenderSettings = (changes: SettingsChanges<SenderSettings>): Promise<SenderSettings> =>
  patchSettings('mail', changes);
export const saveThemeSettings = (changes: SettingsChanges<ThemeSettings>): Promise<ThemeSettings> =>
  patchSettings('theme', changes);
