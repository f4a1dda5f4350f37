import { defineRoute } from '../route';
import { settingsAddress } from './addresses';

export const settingsRoute = defineRoute(settingsAddress, {
  layout: 'settings',
  title: 'frame:settings.title',
  page: () => import('./SettingsPage'),
});
