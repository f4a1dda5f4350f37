import type { AnyContent } from './content.js';
import { CairnError, isObject } from './error.js';
import { EventParser, type ServerEvent } from './eventStream.js';
import { type OpenedStream, type RequestOptions, sleep, type Transport } from './transport.js';

/** The first pause before the client connects again, in milliseconds, until the server names one; each further one is twice as long. */
const FIRST_PAUSE = 3_000;
/** The longest pause between two connections. */
const MAX_PAUSE = 60_000;
/** How long a connection may be silent: the server says something every 15 seconds, unless its operator chose another time. */
const DEFAULT_SILENCE = 90_000;

/** What happened to an entry. */
export type EntryEventName =
  | 'entry.create'
  | 'entry.update'
  | 'entry.delete'
  | 'entry.publish'
  | 'entry.unpublish'
  | 'entry.draft-discard'
  /** The caller may no longer read it. */
  | 'entry.hidden';

/** A change of an entry. It has no content: read the entry for that. */
export interface EntryEvent<Uid extends string = string> {
  event: EntryEventName;
  /** The content type. */
  uid: Uid;
  documentId: string;
  /** The language; `null` for types without languages. */
  locale: string | null;
  /** When it happened. */
  at: string;
}

/**
 * What a listener hears beside changes. `ready`: from now on it hears of every change, so read what you show now. `reset`: it was away for so long
 * that changes are missing, so read it again.
 */
export type StreamEvent = { event: 'ready' } | { event: 'reset' };

/** An event of live updates. */
export type LiveEvent<C extends AnyContent> = EntryEvent<keyof C['models'] & string> | StreamEvent;

/** Options of live updates. `timeout` is the time until the connection is there. */
export interface LiveOptions extends RequestOptions {
  /** Milliseconds without a sign of life after which the client connects again; 0 for no limit. By default 90 seconds. */
  silence?: number | undefined;
}

/** Listens to changes, over as many connections as it takes. See {@link CairnClient.listen}. */
export async function* listen<C extends AnyContent>(
  transport: Transport,
  types: readonly string[] | undefined,
  { silence = DEFAULT_SILENCE, signal, headers, retries, ...options }: LiveOptions = {},
): AsyncGenerator<LiveEvent<C>, void, undefined> {
  if (types?.length === 0) throw new TypeError('`types` is empty: name a content type, or leave it out for all');
  const query = types === undefined ? {} : { types: types.join(',') };
  const state: ListenState = { lastId: '', pause: FIRST_PAUSE };
  let isReady = false;
  // Connections in a row that brought nothing.
  let failures = 0;
  while (!signal?.aborted) {
    const sent = new Headers(headers);
    if (state.lastId !== '') sent.set('last-event-id', state.lastId);
    let leastPause = 0;
    try {
      const call = { ...options, headers: sent, retries: isReady ? 0 : retries };
      const stream = await transport.open('live', query, signal ? { ...call, signal } : call);
      for await (const event of readEvents(stream, state, silence, signal ?? undefined)) {
        failures = 0;
        const change = toLiveEvent<C>(event);
        // A listener who was connected before hears what it missed: there is nothing to begin anew.
        const isRepeated = event.name === 'ready' && isReady;
        isReady ||= event.name === 'ready';
        if (change && !isRepeated) yield change;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!isReady || !isPassing(error)) throw error;
      leastPause = ((error as CairnError).retryAfter ?? 0) * 1000;
    }
    await sleep(Math.max(leastPause, Math.min(MAX_PAUSE, state.pause * 2 ** Math.min(failures, 10))), signal ?? undefined);
    failures += 1;
  }
}

interface ListenState {
  /** The id after which the stream goes on; empty before the first connection. */
  lastId: string;
  /** Milliseconds after which the server wants to be asked again. */
  pause: number;
}

/** True for errors that another connection may not have. Whoever is signed out, or may no longer listen, gets the error. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof CairnError)) return false;
  const { kind, status = 0 } = error;
  return kind === 'network' || kind === 'timeout' || status === 429 || status >= 500;
}

/** The events of one connection, which ends with it: by the server, by silence, by the signal or because nobody listens any more. */
async function* readEvents(
  stream: OpenedStream,
  state: ListenState,
  silence: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerEvent, void, undefined> {
  const parser = new EventParser();
  const reader = stream.body.getReader();
  // Also where a `fetch` that was handed in knows no signals.
  const close = () => void reader.cancel().catch(() => {});
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal?.addEventListener('abort', close, { once: true });
  try {
    if (signal?.aborted) return;
    for (;;) {
      if (silence > 0) timer = setTimeout(close, silence);
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw stream.fail('the connection broke off', cause);
      });
      clearTimeout(timer);
      if (done) return;
      for (const event of parser.push(value)) {
        // The reason of an end shows in the next request: whoever may no longer listen is told so there.
        if (event.name === 'end') return;
        state.lastId = event.id || state.lastId;
        yield event;
      }
      // Signs of life have an id, too.
      state.lastId = parser.lastId || state.lastId;
      state.pause = parser.retry ?? state.pause;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', close);
    close();
  }
}

/** The event for the listener; `undefined` for one that this client does not know. */
function toLiveEvent<C extends AnyContent>({ name, data }: ServerEvent): LiveEvent<C> | undefined {
  if (name === 'ready' || name === 'reset') return { event: name };
  if (!name.startsWith('entry.')) return undefined;
  const change = parseJson(data);
  if (!isObject(change) || typeof change['uid'] !== 'string' || typeof change['documentId'] !== 'string') return undefined;
  const { uid, documentId, locale, at } = change;
  const found = { event: name, uid, documentId, locale: typeof locale === 'string' ? locale : null, at: String(at ?? '') };
  return found as EntryEvent<keyof C['models'] & string>;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
