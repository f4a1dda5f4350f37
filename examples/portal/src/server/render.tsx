import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { createStaticHandler, createStaticRouter, StaticRouterProvider } from 'react-router';
import type { PageContext } from '../context.ts';
import { ErrorPage } from '../pages/error.tsx';
import { Document } from '../parts/document.tsx';
import { SiteProvider } from '../parts/site.tsx';
import { routes } from '../routes.tsx';
import { takeNotice } from '../session/notice.ts';
import type { Assets } from './assets.ts';
import { statusOf } from './status.ts';

/** A page's surroundings. */
export interface PageView {
  context: PageContext;
  assets: Assets;
  /** Of the scripts and styles of this response. */
  nonce: string;
}

export type PageRenderer = (view: PageView) => Promise<Response>;

const handler = createStaticHandler(routes);

/** Runs the loaders and the action of the page, and renders it. Throws what these throw. */
export const renderPage: PageRenderer = async (view) => {
  const { url, method, form } = view.context.parts;
  const body = method === 'POST' ? { body: form } : {};
  const result = await handler.query(new Request(url, { method, ...body }), { requestContext: view.context });
  if (result instanceof Response) return result;
  const error = Object.values(result.errors ?? {})[0];
  if (error) throw error;
  const router = createStaticRouter(handler.dataRoutes, result);
  const page = <StaticRouterProvider router={router} context={result} hydrate={false} />;
  return respondWithHtml(view, result.statusCode, page);
};

/** The page that says what went wrong. */
export async function renderStatus(view: PageView, error: unknown): Promise<Response> {
  const status = statusOf(error);
  if (status >= 500) console.error(`${view.context.parts.method} ${view.context.parts.url.pathname}:`, error);
  const page = (
    <Document>
      <ErrorPage status={status} />
    </Document>
  );
  return respondWithHtml(view, status, page);
}

function respondWithHtml(view: PageView, status: number, page: ReactNode): Response {
  const { keys, cookies, jar } = view.context.parts;
  const notice = takeNotice(keys, cookies, jar);
  const html = renderToStaticMarkup(<SiteProvider value={{ ...view, notice }}>{page}</SiteProvider>);
  return new Response(`<!doctype html>${html}`, { status, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}
