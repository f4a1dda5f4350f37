import { defineRoute } from '@/app/route';
import { profileAddress } from './addresses';

export const profileRoute = defineRoute(profileAddress, {
  layout: 'app',
  title: 'profile:title',
  page: () => import('./ProfilePage'),
});
