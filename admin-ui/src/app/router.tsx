import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import i18next from 'i18next';
import type { FunctionComponent } from 'react';
import { features } from './features';
import { NotFoundPage, RouteError, RoutePending, TitledPage } from './shell';
import { AppLayout } from './shell/AppLayout';
import { PublicLayout } from './shell/PublicLayout';
import { headingFocus } from '@/ui/headingFocus';
import type { AppRoute, Layout } from './route';

/** The address, and in it three layouts: pages with navigation, the settings among them, and pages for who is not signed in. */
const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  component: AppLayout,
});

const settings = createRoute({
  getParentRoute: () => app,
  id: 'settings',
  component: lazyRouteComponent(async () => (await import('./shell/SettingsLayout')).loadLayout(features)),
});

const visitors = createRoute({
  getParentRoute: () => root,
  id: 'public',
  component: PublicLayout,
});

const parents: Record<Layout, AnyRoute> = { app, settings, public: visitors };

/** The namespaces of texts that a page is drawn with. */
function textsOf({ title, texts = [] }: AppRoute): string[] {
  return [...title.split(':').slice(0, -1), ...texts];
}

function routeOf(spec: AppRoute): AnyRoute {
  const Page = lazyRouteComponent(spec.page as () => Promise<{ default: FunctionComponent }>);
  return createRoute({
    getParentRoute: () => parents[spec.layout],
    path: spec.path,
    validateSearch: spec.search,
    // The chunk and its texts are fetched as soon as somebody is about to go there: React keeps a page that waits in between from showing for a third of a second.
    loader: async () => {
      await Promise.all([Page.preload?.(), i18next.loadNamespaces(textsOf(spec))]);
    },
    component: () => (
      <TitledPage title={spec.title} needs={spec.needs}>
        <Page />
      </TitledPage>
    ),
  }) as unknown as AnyRoute;
}

/** Routes with a layout of their own, by the layout. */
function routesIn(layout: Layout): AnyRoute[] {
  return features.flatMap((feature) => (feature.routes ?? []).filter((spec) => spec.layout === layout).map(routeOf));
}

const anywhere = createRoute({ getParentRoute: () => app, path: '$', component: NotFoundPage });

settings.addChildren(routesIn('settings'));
app.addChildren([...routesIn('app'), settings, anywhere]);
visitors.addChildren(routesIn('public'));
root.addChildren([app, visitors] as unknown as Parameters<typeof root.addChildren>[0]);

/** Who turns addresses into pages. */
export const router = createRouter({
  routeTree: root,
  basepath: '/admin',
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  defaultPendingComponent: RoutePending,
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
  // A content type is `api::article.article`; its colons stay readable in the address.
  pathParamsAllowedCharacters: [':', '@'],
});

router.subscribe('onResolved', ({ fromLocation, pathChanged }) => {
  // Not at the first page: whoever opens it begins at its start, with the link past the navigation.
  if (fromLocation && pathChanged) headingFocus.ask();
});
