import type { ActionFunctionArgs, LoaderFunctionArgs, RouteObject } from 'react-router';
import { notFound, type PageContext } from './context.ts';
import * as components from './pages/components.tsx';
import * as configuration from './pages/configuration.tsx';
import * as dashboard from './pages/dashboard.tsx';
import * as documents from './pages/documents.tsx';
import * as forgotten from './pages/forgotten-password.tsx';
import * as help from './pages/help.tsx';
import * as helpArticle from './pages/help-article.tsx';
import * as invitation from './pages/invitation.tsx';
import * as invitationRequest from './pages/invitation-request.tsx';
import * as media from './pages/media.tsx';
import * as profile from './pages/profile.tsx';
import * as rate from './pages/rate.tsx';
import * as reset from './pages/reset-password.tsx';
import * as share from './pages/share.tsx';
import * as shared from './pages/shared.tsx';
import * as sign from './pages/sign.tsx';
import * as signIn from './pages/sign-in.tsx';
import * as survey from './pages/survey.tsx';
import * as telemetryRun from './pages/telemetry-run.tsx';
import * as timeline from './pages/timeline.tsx';
import * as vehicle from './pages/vehicle.tsx';
import { setLanguage, signOut } from './pages/visit.ts';
import { PortalLayout } from './parts/portal-layout.tsx';

/** Exports of a file in `pages/`. */
interface PageModule {
  Component: () => React.ReactNode;
  loader?: (context: PageContext, parameters: Record<string, string | undefined>) => unknown;
  action?: (context: PageContext, parameters: Record<string, string | undefined>) => unknown;
}

type Arguments = LoaderFunctionArgs<PageContext> | ActionFunctionArgs<PageContext>;

function page(path: string, { Component, loader, action }: PageModule): RouteObject {
  return {
    path,
    Component,
    loader: ({ context, params }: Arguments) => loader?.(context, params) ?? null,
    // A form that is sent to a page without one.
    action: ({ context, params }: Arguments) => action?.(context, params) ?? Promise.reject(methodNotAllowed()),
  };
}

function command(path: string, run: (context: PageContext) => Promise<Response>): RouteObject {
  return {
    path,
    loader: () => Promise.reject(notFound()),
    action: ({ context }: Arguments) => run(context),
    Component: () => null,
  };
}

function methodNotAllowed(): Response {
  return new Response(null, { status: 405 });
}

/** Every page of the site. */
export const routes: RouteObject[] = [
  page('/sign-in', signIn),
  page('/invitation', invitation),
  page('/invitation/request', invitationRequest),
  page('/forgotten-password', forgotten),
  page('/reset-password', reset),
  page('/shared/:token', shared),
  page('/components', components),
  command('/sign-out', signOut),
  command('/language', setLanguage),
  {
    id: 'portal',
    Component: PortalLayout,
    loader: ({ context }: Arguments) => (context as PageContext).loadPortal(),
    children: [
      page('/', dashboard),
      page('/rate', rate),
      page('/timeline', timeline),
      page('/media', media),
      page('/documents', documents),
      page('/sign/:id', sign),
      page('/configuration', configuration),
      page('/surveys/:id', survey),
      page('/vehicle', vehicle),
      page('/telemetry/:id', telemetryRun),
      page('/share', share),
      page('/help', help),
      page('/help/:slug', helpArticle),
      page('/profile', profile),
    ],
  },
  { path: '*', loader: () => Promise.reject(notFound()), Component: () => null },
];
