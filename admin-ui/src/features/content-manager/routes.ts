import { defineRoute } from '@/app/route';
import { contentAddress, listAddress, binAddress, viewAddress, viewEditAddress } from './addresses';

export const contentRoute = defineRoute(contentAddress, {
  layout: 'app',
  title: 'list:content',
  page: () => import('./list/ContentIndexPage'),
});

export const listRoute = defineRoute(listAddress, {
  layout: 'app',
  title: 'list:content',
  texts: ['fields', 'views'],
  page: () => import('./list/ListPage'),
});

export const binRoute = defineRoute(binAddress, {
  layout: 'app',
  title: 'list:bin.title',
  page: () => import('./list/BinPage'),
});

export const viewRoute = defineRoute(viewAddress, {
  layout: 'app',
  title: 'views:title',
  page: () => import('./saved/ViewPage'),
});

export const viewEditRoute = defineRoute(viewEditAddress, {
  layout: 'app',
  title: 'views:title',
  page: () => import('./saved/ViewEditPage'),
});
