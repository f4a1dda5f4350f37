import { defineRoute } from '@/app/route';

/** Who may fill the project: the types are made first. */
export const FILL_PERMISSIONS = ['content-types.change'];

export const demoRoute = defineRoute({
  path: '/demo',
  layout: 'app',
  title: 'demo:title',
  page: () => import('./DemoPage'),
});
