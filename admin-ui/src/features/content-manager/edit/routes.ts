import { defineRoute } from '@/app/route';
import { createAddress, entryAddress } from './addresses';

export const createRoute = defineRoute(createAddress, {
  layout: 'app',
  title: 'editor:title',
  texts: ['fields', 'views'],
  page: () => import('./DocumentPage'),
});

export const entryRoute = defineRoute(entryAddress, {
  layout: 'app',
  title: 'editor:title',
  texts: ['fields', 'views'],
  page: () => import('./DocumentPage'),
});
