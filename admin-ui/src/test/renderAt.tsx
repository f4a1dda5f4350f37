import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import i18next from 'i18next';
import type { ReactNode } from 'react';
import list from '@/i18n/en/list.json';
import { renderPlain, startTestTexts } from './render';

// For tests alone.

// jsdom has none; the router goes to the top of each page.
window.scrollTo = () => {};

/** Draws something in English at an address, with the routes of content and of plugins' pages, which lead nowhere. */
export async function renderAt(address: string, node: ReactNode) {
  await startTestTexts();
  i18next.addResourceBundle('en', 'list', list);
  const root = createRootRoute({ component: () => node });
  const paths = [
    '/',
    '/plugins/$plugin/pages/$',
    '/content',
    '/content/$uid',
    '/content/$uid/create',
    '/content/$uid/$documentId',
  ];
  root.addChildren(paths.map((path) => createRoute({ getParentRoute: () => root, path })) as never);
  const router = createRouter({
    routeTree: root,
    history: createMemoryHistory({ initialEntries: [address] }),
    pathParamsAllowedCharacters: [':'],
  });
  await router.load();
  return { router, ...(await renderPlain(<RouterProvider router={router as never} />)) };
}
