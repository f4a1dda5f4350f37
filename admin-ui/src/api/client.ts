import { parseLossless } from './lossless';
import { type QueryValue, queryString } from './queryString';
import { transport } from './transport';

export { ApiError, OfflineError, type Problem } from './ApiError';
export { changeHeaders, setSignInHandler, type SignInReason } from './transport';

/** What goes with a request. */
export interface RequestOptions {
  query?: { readonly [key: string]: QueryValue };
  /** Sent as JSON, a form as a form. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** A name for what is done in one go, which the requests of it have in common. */
export function newBatchId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** For requests that are one thing to whoever sends them: the audit log and webhooks then tell of it as one. */
export function batchHeaders(batch: string | undefined): Pick<RequestOptions, 'headers'> {
  return batch ? { headers: { 'Cairn-Batch': batch } } : {};
}

/** An answer with the headers that belong to it. */
export interface ApiResponse<Body> {
  body: Body;
  headers: Headers;
}

/**
 * Sends a request and reads the JSON of its answer, `{data, meta?}`. The type is the caller's word: `api/<resource>.ts`
 * files alone call this, with a type of the generated document.
 *
 * @throws ApiError when the server refuses, OfflineError when it cannot be reached.
 */
export async function request<Body>(method: string, path: string, options: RequestOptions = {}): Promise<Body> {
  return (await requestWithHeaders<Body>(method, path, options)).body;
}

/** Like `request`, for who needs a header of the answer, such as `Cairn-Version`. */
export async function requestWithHeaders<Body>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<ApiResponse<Body>> {
  const response = await sendRequest(method, path, options);
  const text = await response.text();
  return { body: (text ? parseLossless(text) : undefined) as Body, headers: response.headers };
}

/** Like `request`, for an answer that is a file. */
export async function requestFile(method: string, path: string, options: RequestOptions = {}): Promise<Blob> {
  return (await sendRequest(method, path, options)).blob();
}

async function sendRequest(method: string, path: string, options: RequestOptions): Promise<Response> {
  const query = options.query ? queryString(options.query) : '';
  const url = new URL(query ? `${path}?${query}` : path, window.location.origin);
  const form = options.body instanceof FormData;
  const headers = new Headers(options.headers);
  if (options.body !== undefined && !form) headers.set('Content-Type', 'application/json');
  return await transport(
    new Request(url, {
      method,
      headers,
      credentials: 'same-origin',
      signal: options.signal,
      body: form ? (options.body as FormData) : options.body === undefined ? undefined : JSON.stringify(options.body),
    }),
  );
}
