import { defineRoute } from '../route';

/** The settings, before one of them is chosen. */
export const settingsRoute = defineRoute({
  path: '/settings',
  layout: 'settings',
  title: 'frame:settings.title',
  page: () => import('./SettingsPage'),
});
