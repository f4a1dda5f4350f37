import { queryOptions } from '@tanstack/react-query';
import { ApiError } from './ApiError';
import { request } from './client';
import { transport } from './transport';

/** Something that a plugin shows in the admin UI. */
export interface PluginView {
  plugin: string;
  name: string;
  /** In the language of whoever asked. */
  title: string;
  kind: 'page' | 'panel' | 'widget' | 'list' | 'field';
  icon: string | null;
  /** Of a page: its address below the plugin's. */
  path: string | null;
  /** Content types that a panel, list or field is for. */
  types: string[];
  /** The page of a frame, below the package's `admin/`; without it the host draws what the plugin describes. */
  frame: string | null;
  /** What the plugin is called. */
  pluginName?: string | null;
  /** What the plugin may read: fields by content type, `null` for all of them. Its own types need no naming. */
  reads?: Record<string, string[] | null> | null;
}

/** A view as the plugin describes it; `features/plugins/view` draws it. */
export type ViewBlock = { kind: string } & Record<string, unknown>;

/** A document that something is about. */
export interface ViewDocument {
  contentType: string;
  documentId: string;
  locale?: string;
}

export interface ActionResult {
  /** The view anew, where it changed. */
  view: ViewBlock | null;
  notice: string | null;
  navigate: string | null;
}

/** What running plugins show to whoever is signed in. */
export const pluginViewsQuery = queryOptions({
  queryKey: ['plugin-views'],
  queryFn: async ({ signal }) => (await request<{ data: PluginView[] }>('GET', '/admin/api/plugin-views', { signal })).data,
  staleTime: 60_000,
  retry: false,
});

const of = (plugin: string, view: string, ...rest: string[]): string =>
  ['/admin/api/plugins', ...[plugin, 'views', view, ...rest].map((part) => encodeURIComponent(part))].join('/');

/** A view's description; asked for anew with other parameters. */
export function pluginViewQuery(plugin: string, view: string, document: ViewDocument | undefined, parameters: Record<string, string>) {
  return queryOptions({
    queryKey: ['plugin-view', plugin, view, document ?? null, parameters],
    queryFn: async ({ signal }) => (await request<{ data: ViewBlock }>('POST', of(plugin, view), { body: { document, parameters }, signal })).data,
  });
}

export async function actOnView(plugin: string, view: string, action: string, document: ViewDocument | undefined, values: Record<string, unknown>): Promise<ActionResult> {
  return (await request<{ data: ActionResult }>('POST', of(plugin, view, 'actions', action), { body: { document, values } })).data;
}

/** The address of a file of a plugin's frames. */
export function frameAddress(plugin: string, path: string): string {
  return ['/admin/plugins', encodeURIComponent(plugin), 'frame', ...path.split('/').map((part) => encodeURIComponent(part))].join('/');
}

/** What a plugin's route answered; `body` is JSON where it said so, else text. */
export interface RouteAnswer {
  status: number;
  body: unknown;
}

/** Asks a route of a plugin as whoever is signed in. A refusal is an answer as well. */
export async function callRoute(method: string, path: string, body: unknown): Promise<RouteAnswer> {
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
    if (error instanceof ApiError) return { status: error.status, body: { error: { name: error.name, message: error.message, details: error.details } } };
    throw error;
  }
}
