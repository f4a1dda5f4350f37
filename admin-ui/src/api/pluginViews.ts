import { queryOptions } from '@tanstack/react-query';
import { ApiError } from './ApiError';
import { request } from './client';
import type { Schemas } from './schemas';
import { transport } from './transport';

/** Something that a plugin shows in the admin UI. */
export type PluginView = Schemas['PluginView'];

/** A view as the plugin describes it; `features/plugins/view` draws it. */
export type ViewBlock = { kind: string } & Record<string, unknown>;

/** A document that something is about. */
export interface ViewDocument {
  contentType: string;
  documentId: string;
  locale?: string;
}

/** What an action answers: the view anew, where it changed. */
export type ActionResult = Omit<Schemas['ViewActed'], 'view'> & { view: ViewBlock | null };

/** What running plugins show to whoever is signed in. */
export const pluginViewsQuery = queryOptions({
  queryKey: ['plugin-views'],
  queryFn: async ({ signal }) =>
    (await request<{ data: PluginView[] }>('GET', '/admin/api/plugin-views', { signal })).data,
  staleTime: 60_000,
  retry: false,
});

const viewPath = (plugin: string, view: string, ...rest: string[]): string =>
  ['/admin/api/plugins', ...[plugin, 'views', view, ...rest].map((part) => encodeURIComponent(part))].join('/');

/** A view's description; asked for anew with other parameters. */
export function pluginViewQuery(
  plugin: string,
  view: string,
  document: ViewDocument | undefined,
  parameters: Record<string, string>,
) {
  return queryOptions({
    queryKey: ['plugin-view', plugin, view, document ?? null, parameters],
    queryFn: async ({ signal }) =>
      (await request<{ data: ViewBlock }>('POST', viewPath(plugin, view), { body: { document, parameters }, signal }))
        .data,
  });
}

export async function actOnView(
  plugin: string,
  view: string,
  action: string,
  document: ViewDocument | undefined,
  values: Record<string, unknown>,
): Promise<ActionResult> {
  return (
    await request<{ data: ActionResult }>('POST', viewPath(plugin, view, 'actions', action), {
      body: { document, values },
    })
  ).data;
}

/** The address of a file of a plugin's frames. */
export function frameAddress(plugin: string, path: string): string {
  return [
    '/admin/plugins',
    encodeURIComponent(plugin),
    'frame',
    ...path.split('/').map((part) => encodeURIComponent(part)),
  ].join('/');
}

/** What a plugin's route answered; `body` is JSON where it said so, else text. */
export interface RouteResponse {
  status: number;
  body: unknown;
}

/** Asks a route of a plugin as whoever is signed in. A refusal is an answer as well. */
export async function callRoute(method: string, path: string, body: unknown): Promise<RouteResponse> {
  try {
    const response = await transport(
      new Request(new URL(path, window.location.origin), {
        method,
        credentials: 'same-origin',
        ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const json = response.headers.get('Content-Type')?.includes('json') ?? false;
    return { status: response.status, body: json && text !== '' ? JSON.parse(text) : text };
  } catch (error) {
    if (error instanceof ApiError)
      return {
        status: error.status,
        body: { error: { name: error.name, message: error.message, details: error.details } },
      };
    throw error;
  }
}
