import { defineRoute } from '@/app/route';
import { pluginsAddress, pluginAddress, pluginPageAddress, pluginListAddress } from './addresses';

export const pluginsRoute = defineRoute(pluginsAddress, {
  layout: 'app',
  title: 'plugins:title',
  texts: ['plugin'],
  needs: ['plugins.read'],
  page: () => import('./PluginsPage'),
});

export const pluginRoute = defineRoute(pluginAddress, {
  layout: 'app',
  title: 'plugins:title',
  texts: ['plugin'],
  needs: ['plugins.read'],
  page: () => import('./detail/PluginPage'),
});

export const pluginPageRoute = defineRoute(pluginPageAddress, {
  layout: 'app',
  title: 'plugins:title',
  texts: ['plugin', 'pluginView', 'fields'],
  page: () => import('./slots/PluginViewPage'),
});

export const pluginListRoute = defineRoute(pluginListAddress, {
  layout: 'app',
  title: 'plugins:title',
  texts: ['plugin', 'pluginView', 'fields'],
  page: () => import('./slots/PluginListPage'),
});
