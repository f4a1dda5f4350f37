import { defineRoute } from '@/ui/route';

/** What adds to this server. */
export const pluginsRoute = defineRoute({
  path: '/plugins',
  layout: 'app',
  title: 'plugins:title',
  needs: ['system.read'],
  page: () => import('./PluginsPage'),
});
