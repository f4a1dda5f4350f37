import { defineRoute } from '@/app/route';
import { demoAddress } from './addresses';

export const demoRoute = defineRoute(demoAddress, {
  layout: 'app',
  title: 'demo:title',
  page: () => import('./DemoPage'),
});
