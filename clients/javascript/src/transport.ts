import { CairnError, type Failure, isObject, readServerError } from './error.js';
import { toQueryString } from './queryString.js';

/** Milliseconds that a call may take, unless something else is said. */
const DEFAULT_TIMEOUT = 30_000;
/** How often a read is sent again, unless something else is said. */
const DEFAULT_RETRIES = 2;
/** The first pause before a read is sent again, in milliseconds, where the server names none; each further one is twice as long. */
const FIRST_PAUSE = 500;
/** The longest pause, in milliseconds: who has to wait longer gets the error, which says how long. */
const MAX_PAUSE = 10_000;
/** The longest time that timers of JavaScript know. */
const MAX_TIMER = 2 ** 31 - 1;
/** How much of a response that is not Cairn's is quoted. */
const MAX_EXCERPT = 120;

/** A function that returns a token each time that one is needed; `undefined` or `null` for nobody. */
export type TokenSource = () => string | null | undefined | Promise<string | null | undefined>;

/** How a client calls the server. */
export interface ClientOptions {
  /** Where Cairn is, without `/api`: `https://cms.example.org`. */
  url: string | URL;
  /** An API token, or the `jwt` of a user; without it, calls are made as the public. */
  token?: string | TokenSource | undefined;
  /** Sends the requests; by default the global `fetch`, as it is at the time of the call. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Headers of all requests. */
  headers?: RequestInit['headers'] | undefined;
  /** Milliseconds that a call may take, all tries and its whole response included; 0 for no limit. By default 30 seconds. */
  timeout?: number | undefined;
  /** How often a read that gets 429 or 503 is sent again. By default twice. */
  retries?: number | undefined;
}

/** Options of one call: those of `fetch`, such as `signal`, `cache` and Next's `next`, and of the client for this call alone. */
export interface RequestOptions extends Omit<RequestInit, 'method' | 'body'> {
  /** As in the options of the client. */
  timeout?: number | undefined;
  /** As in the options of the client. */
  retries?: number | undefined;
  /** For whom the call is made in place of the client's token; `null` for the public. */
  token?: string | null | undefined;
}

/** Options of a write that may be about a version of the entry. */
export interface WriteOptions extends RequestOptions {
  /** The `version` of the response that was read before: fails with 409 if the entry has changed since. Without it, the last write wins. */
  ifMatch?: string;
}

/** What a request sends beside its method and path. */
export interface RequestContent {
  /** Parameters, which may be nested: `{ filters: { title: 'Dune' } }`. */
  query?: object | undefined;
  /** The body: a form, a `Blob`, or what is sent as JSON. */
  body?: unknown;
}

/** A response: the JSON of its body, `undefined` for an empty one, and its headers. */
export interface Answer {
  body: unknown;
  headers: Headers;
}

/** A stream of events that has begun. */
export interface OpenedStream {
  body: ReadableStream<Uint8Array>;
  /** The error of a stream that breaks off. */
  fail: (problem: string, cause?: unknown) => CairnError;
}

interface TextResponse {
  response: Response;
  text: string;
}

/** What ends a call before its response: `timeout` or the caller's signal. */
interface Deadline {
  signal: AbortSignal | undefined;
  /** When it ends, in milliseconds of the clock. */
  end: number;
  timeout: number;
  isOver: boolean;
}

/** The way to the server: addresses, headers, tries and errors of all calls. */
export class Transport {
  readonly #base: string;
  // Private to the language, so that whoever prints a client does not print this.
  readonly #token: string | TokenSource | undefined;
  readonly #options: Omit<ClientOptions, 'url' | 'token'>;

  constructor({ url, token, ...options }: ClientOptions) {
    this.#base = readBase(url);
    this.#token = token;
    this.#options = options;
  }

  /**
   * Sends a request to a path below `/api` and returns the JSON of the response, `undefined` for an empty one. Throws a {@link CairnError}.
   */
  async send(method: string, path: string, content: RequestContent, options?: RequestOptions): Promise<unknown> {
    return (await this.exchange(method, path, content, options)).body;
  }

  /** Sends a request as {@link send}, and returns the headers of the response as well. */
  async exchange(method: string, path: string, content: RequestContent, options: RequestOptions = {}): Promise<Answer> {
    const { timeout = this.#options.timeout, retries = this.#options.retries, token, headers, signal, ...init } = options;
    const isRaw = content.body instanceof FormData || content.body instanceof Blob;
    const request: RequestInit = { ...init, method, headers: this.#mergeHeaders(headers, content.body !== undefined && !isRaw) };
    if (content.body !== undefined) request.body = isRaw ? (content.body as FormData | Blob) : JSON.stringify(content.body);
    const call = this.#begin(method, path, content.query);
    return call.run(timeout ?? DEFAULT_TIMEOUT, signal ?? undefined, async (deadline) => {
      await this.#authorize(request.headers as Headers, token);
      // What is written must not be written twice.
      const tries = method === 'GET' ? (retries ?? DEFAULT_RETRIES) : 0;
      return call.sendUntilAnswered(request, deadline, tries);
    });
  }

  /** Opens a stream of events: returns once the response begins, within the time of a call. Its body has no limit. Throws a {@link CairnError}. */
  async open(path: string, query: object, options: RequestOptions = {}): Promise<OpenedStream> {
    const { timeout = this.#options.timeout, retries = this.#options.retries, token, headers, signal, ...init } = options;
    const merged = this.#mergeHeaders(headers, false);
    merged.set('accept', 'text/event-stream');
    const call = this.#begin('GET', path, query);
    return call.run(timeout ?? DEFAULT_TIMEOUT, signal ?? undefined, async (deadline) => {
      await this.#authorize(merged, token);
      return call.open({ cache: 'no-store', ...init, method: 'GET', headers: merged }, deadline, retries ?? DEFAULT_RETRIES);
    });
  }

  #begin(method: string, path: string, query: object | undefined): Call {
    const search = query === undefined ? '' : toQueryString(query);
    return new Call(method, `${this.#base}/api/${checkPath(path)}`, search, this.#options.fetch);
  }

  /** Reads something that `isRight` for its caller. Throws a {@link CairnError}, of the kind `response` where it is not. */
  read<T>(path: string, query: object | undefined, isRight: (body: unknown) => boolean, options?: RequestOptions): Promise<T> {
    return this.write('GET', path, { query }, isRight, options);
  }

  /** Sends something and returns the response, as {@link read}. */
  async write<T>(method: string, path: string, content: RequestContent, isRight: (body: unknown) => boolean, options?: RequestOptions): Promise<T> {
    const { body } = await this.#exchangeFor(method, path, content, isRight, options);
    return body as T;
  }

  /** Reads or writes an entry: as {@link write}, with the version of the entry beside its data. */
  async entry<T>(method: string, path: string, content: RequestContent, options?: WriteOptions): Promise<T> {
    const { body, headers } = await this.#exchangeFor(method, path, content, isEntry, toRequestOptions(options));
    return { ...(body as object), version: headers.get('cairn-version') ?? undefined } as T;
  }

  async #exchangeFor(
    method: string,
    path: string,
    content: RequestContent,
    isRight: (body: unknown) => boolean,
    options: RequestOptions | undefined,
  ): Promise<Answer> {
    const answer = await this.exchange(method, path, content, options);
    if (isRight(answer.body)) return answer;
    const found = answer.body === undefined ? 'it is empty' : 'its JSON has another shape';
    const message = `${method} /api/${path}: this is no response of Cairn's content API: ${found}`;
    throw new CairnError(message, { kind: 'response', name: 'ResponseError', method, path: `/api/${path}` });
  }

  #mergeHeaders(headers: RequestInit['headers'] | undefined, isJson: boolean): Headers {
    const merged = new Headers({ accept: 'application/json', ...(isJson ? { 'content-type': 'application/json' } : {}) });
    for (const list of [this.#options.headers, headers]) new Headers(list).forEach((value, name) => merged.set(name, value));
    return merged;
  }

  async #authorize(headers: Headers, given: string | null | undefined): Promise<void> {
    if (headers.has('authorization')) return;
    const source = given === undefined ? this.#token : given;
    const token = (typeof source === 'function' ? await source() : source)?.trim();
    if (!token) return;
    // `Headers` would say so, too, but quotes the value: the token would be in the log.
    if (!/^[\x21-\x7e]+$/.test(token)) throw new TypeError('the token has characters that no token has, such as spaces or line ends');
    headers.set('authorization', `Bearer ${token}`);
  }
}

/** One call, with all of its tries. */
class Call {
  readonly #method: string;
  readonly #url: string;
  readonly #path: string;
  readonly #fetchBy: typeof globalThis.fetch | undefined;

  constructor(method: string, address: string, search: string, fetch: typeof globalThis.fetch | undefined) {
    this.#method = method;
    this.#url = search === '' ? address : `${address}?${search}`;
    this.#path = new URL(address).pathname;
    this.#fetchBy = fetch;
  }

  /** Runs steps until they end, the time is over or the signal is aborted: also where a `fetch` that was handed in ignores signals. */
  async run<T>(timeout: number, signal: AbortSignal | undefined, steps: (deadline: Deadline) => Promise<T>): Promise<T> {
    const hasTimer = timeout > 0 && timeout <= MAX_TIMER;
    // Without a signal of our own where there is nothing to end: React shares equal requests of a page only if they have none.
    const controller = hasTimer || signal ? new AbortController() : undefined;
    const deadline: Deadline = { signal: controller?.signal, end: hasTimer ? Date.now() + timeout : Infinity, timeout, isOver: false };
    const abort = () => controller?.abort(signal?.reason);
    const timer = hasTimer
      ? setTimeout(() => {
          deadline.isOver = true;
          controller?.abort();
        }, timeout)
      : undefined;
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
    const ended = new Promise<never>((_, reject) => {
      const refuse = () => reject(this.#interruption(deadline));
      if (controller?.signal.aborted) refuse();
      else controller?.signal.addEventListener('abort', refuse, { once: true });
    });
    try {
      return await Promise.race([ended, controller?.signal.aborted ? ended : steps(deadline)]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Sends a request, and once more as long as the server is busy and `retries` are left. */
  async sendUntilAnswered(request: RequestInit, deadline: Deadline, retries: number): Promise<Answer> {
    const { response, text } = await this.#repeatWhileBusy(deadline, retries, async () => {
      const response = await this.#fetch(request, deadline);
      return { response, text: await this.#readText(response, deadline) };
    });
    return { body: this.#readBody(response, text), headers: response.headers };
  }

  /** Opens a stream of events, and tries once more as long as the server is busy and `retries` are left. */
  async open(request: RequestInit, deadline: Deadline, retries: number): Promise<OpenedStream> {
    const { response } = await this.#repeatWhileBusy(deadline, retries, async () => {
      const response = await this.#fetch(request, deadline);
      return { response, text: response.ok ? '' : await this.#readText(response, deadline) };
    });
    const type = response.headers.get('content-type')?.split(';')[0]?.trim();
    if (type === 'text/event-stream' && response.body) {
      const fail = (problem: string, cause?: unknown) => this.#error(problem, { kind: 'network', name: 'NetworkError', cause });
      return { body: response.body, fail };
    }
    await response.body?.cancel();
    const problem = `the response is no stream of events: ${type || 'no content type'}`;
    throw this.#error(problem, { kind: 'response', name: 'ResponseError' });
  }

  async #repeatWhileBusy(deadline: Deadline, retries: number, attemptOnce: () => Promise<TextResponse>): Promise<TextResponse> {
    for (let attempt = 0; ; attempt += 1) {
      const { response, text } = await attemptOnce();
      if (response.ok) return { response, text };
      const retryAfter = readRetryAfter(response.headers.get('retry-after'));
      const isBusy = response.status === 429 || response.status === 503;
      const pause = retryAfter === undefined ? FIRST_PAUSE * 2 ** attempt : retryAfter * 1000;
      if (!isBusy || attempt >= retries || pause > MAX_PAUSE || Date.now() + pause >= deadline.end) {
        throw this.#refusal(response, text, retryAfter);
      }
      await sleep(pause, deadline.signal);
      if (deadline.signal?.aborted) throw this.#interruption(deadline);
    }
  }

  #fetch(request: RequestInit, deadline: Deadline): Promise<Response> {
    const init = deadline.signal ? { ...request, signal: deadline.signal } : request;
    return this.#wait(deadline, () => (this.#fetchBy ?? globalThis.fetch)(this.#url, init));
  }

  #readText(response: Response, deadline: Deadline): Promise<string> {
    return this.#wait(deadline, () => response.text());
  }

  /** Waits for the network; its errors become those of the client. */
  async #wait<T>(deadline: Deadline, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (cause) {
      if (deadline.signal?.aborted) throw this.#interruption(deadline);
      throw this.#error(`no response: ${readReason(cause)}`, { kind: 'network', name: 'NetworkError', cause });
    }
  }

  #readBody(response: Response, text: string): unknown {
    if (text === '') return undefined;
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      const problem = `the response is not JSON: ${describeText(response, text)}`;
      throw this.#error(problem, { kind: 'response', name: 'ResponseError', cause });
    }
  }

  #refusal(response: Response, text: string, retryAfter: number | undefined): CairnError {
    const { status } = response;
    const known = readServerError(parseOrUndefined(text));
    const basis = { kind: 'http', status, retryAfter, method: this.#method, path: this.#path } as const;
    // The server's own message, as it is: front ends show it.
    if (known) return new CairnError(known.message, { ...basis, name: known.name, details: known.details });
    return this.#error(`${status} ${response.statusText}`.trim() + `: ${describeText(response, text)}`, { ...basis, name: 'HttpError' });
  }

  #interruption(deadline: Deadline): CairnError {
    if (deadline.isOver) {
      return this.#error(`no response within ${deadline.timeout} ms`, { kind: 'timeout', name: 'TimeoutError' });
    }
    return this.#error('aborted', { kind: 'abort', name: 'AbortError', cause: deadline.signal?.reason });
  }

  #error(problem: string, failure: Omit<Failure, 'method' | 'path'>): CairnError {
    const at = { method: this.#method, path: this.#path };
    return new CairnError(`${at.method} ${at.path}: ${problem}`, { ...failure, ...at });
  }
}

/** True for `{ data: […] }` with a pagination: a list. */
export function isList(body: unknown): boolean {
  return isObject(body) && Array.isArray(body['data']) && isObject(body['meta']) && isObject(body['meta']['pagination']);
}

/** True for `{ data: {…} }`: an entry. */
export function isEntry(body: unknown): boolean {
  return isObject(body) && isObject(body['data']);
}

/** Options of a request, with `If-Match` among its headers. */
export function toRequestOptions(options: WriteOptions | undefined): RequestOptions | undefined {
  if (options === undefined || !('ifMatch' in options)) return options;
  const { ifMatch, headers, ...others } = options;
  // A version that is not there must not become a write that overwrites anything.
  if (typeof ifMatch !== 'string' || ifMatch.trim() === '') throw new TypeError('`ifMatch` is no version: the response had none');
  const merged = new Headers(headers);
  merged.set('if-match', ifMatch);
  return { ...others, headers: merged };
}

/** The address without slashes at its end. A name and password in it are refused: `fetch` does not take them, and errors would show them. */
function readBase(url: string | URL): string {
  if (!URL.canParse(url)) throw new TypeError('createClient: `url` is no address such as https://cms.example.org');
  const { protocol, origin, pathname, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError('createClient: `url` does not begin with http: or https:');
  if (username || password) throw new TypeError('createClient: `url` has a name or password; use `token`');
  return origin + pathname.replace(/\/+$/, '');
}

/** Returns the path, unless it leads elsewhere than it says: `..` in an id from a visitor would be another route. */
function checkPath(path: string): string {
  if (/[?#\\]/.test(path)) throw new TypeError(`${JSON.stringify(path)}: parameters do not belong into the path; use \`query\``);
  for (const segment of path.split('/')) {
    if (/^(\.|%2e){0,2}$/i.test(segment)) throw new TypeError(`${JSON.stringify(path)}: a part of the path is empty or has only dots`);
  }
  return path;
}

/** Seconds of a `Retry-After`, which is a number or a date. */
function readRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const time = Date.parse(header);
  return Number.isNaN(time) ? undefined : Math.max(0, Math.ceil((time - Date.now()) / 1000));
}

/** The reason in an error of `fetch`: Node has it in the cause, `ECONNREFUSED` for example. */
function readReason(error: unknown): string {
  const cause = isObject(error) ? error['cause'] : undefined;
  const inner = isObject(cause) ? (cause['code'] ?? cause['message']) : undefined;
  return String(inner || (error instanceof Error ? error.message : error));
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The type and the beginning of a body, for messages. */
function describeText(response: Response, text: string): string {
  if (text === '') return 'an empty body';
  const type = response.headers.get('content-type')?.split(';')[0]?.trim() || 'no content type';
  const line = text
    .slice(0, 4 * MAX_EXCERPT)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return `${type}, ${line.length > MAX_EXCERPT ? `${line.slice(0, MAX_EXCERPT)}…` : line}`;
}

/** Waits; ends at once when the signal is aborted, since nobody waits for the rest. */
export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const timer = setTimeout(end, milliseconds);
    function end() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    }
    signal?.addEventListener('abort', end, { once: true });
  });
}
