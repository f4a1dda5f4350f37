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

/** What a plugin's route answered. */
interface RouteResponse {
  status: number;
  /** JSON where it said so, else text; what is neither is its bytes. */
  body: unknown;
  /** The media type, such as `application/pdf`; empty where there is none. */
  type: string;
  /** What the file is to be called. */
  name: string | null;
}

/** More than is read of a response. */
export class ResponseTooLargeError extends Error {}

/**
 * Asks a route of a plugin as whoever is signed in. A refusal is an answer as well.
 *
 * @throws ResponseTooLargeError when the answer has more than `maxBytes`, which are not read to the end.
 */
export async function callRoute(method: string, path: string, body: unknown, maxBytes: number): Promise<RouteResponse> {
  try {
    const response = await transport(
      new Request(new URL(path, window.location.origin), {
        method,
        credentials: 'same-origin',
        ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      }),
    );
    const content = await readBytes(response, maxBytes);
    const type = (response.headers.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    const name = fileNameOf(response.headers.get('Content-Disposition') ?? '');
    return { status: response.status, body: parseBody(content, type), type, name };
  } catch (error) {
    if (error instanceof ApiError)
      return {
        status: error.status,
        body: { error: { name: error.name, message: error.message, details: error.details } },
        type: 'application/json',
        name: null,
      };
    throw error;
  }
}

async function readBytes(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = Number(response.headers.get('Content-Length')) > maxBytes ? Number.POSITIVE_INFINITY : 0;
  while (length <= maxBytes) {
    // One after the other is how a stream is read.
    // eslint-disable-next-line no-await-in-loop
    const { value } = (await reader?.read()) ?? {};
    if (value === undefined) {
      const whole = new Uint8Array(length);
      chunks.reduce((at, chunk) => (whole.set(chunk, at), at + chunk.length), 0);
      return whole;
    }
    chunks.push(value);
    length += value.length;
  }
  // Whether that succeeds does not matter any more.
  reader?.cancel().catch(() => {});
  throw new ResponseTooLargeError();
}

/** Media types of texts. */
const TEXT_TYPES = /^text\/|[/+](json|xml|yaml)$|\/(x-ndjson|json-seq|javascript|x-www-form-urlencoded)$/;

function parseBody(content: Uint8Array<ArrayBuffer>, type: string): unknown {
  const isText = content.length === 0 || TEXT_TYPES.test(type);
  if (!isText) return content.buffer;
  const text = new TextDecoder().decode(content);
  return /[/+]json$/.test(type) && text !== '' ? JSON.parse(text) : text;
}

/** The name in a `Content-Disposition`: the one in any script, else the plain one. */
function fileNameOf(disposition: string): string | null {
  const encoded = /filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1];
  try {
    if (encoded !== undefined) return decodeURIComponent(encoded);
  } catch {
    // The plain name is left.
  }
  const [, quoted, plain] = /filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  return quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? null;
}
