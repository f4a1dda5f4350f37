import type { PageContext } from '../context.ts';
import type { SiteRequest } from './listener.ts';

/** Types whose changes the overview shows, as far as customers may list them. */
const TYPES = ['vehicle', 'timeline-entry', 'document', 'payment', 'choice'].map((name) => `plugin::portal.${name}`);
/** A stream ends after so long, and the browser opens the next one: only then is the session looked at again. */
const LIFETIME_MILLIS = 60_000;
/** After so long a browser asks again where Cairn does not answer now. */
const RETRY_MILLIS = 3_000;
/** The one event that browsers get. */
const CHANGE = 'event: change\ndata:\n\n';
const STREAM_HEADERS = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };

/**
 * The stream of the overview: an event `change` for everything of the customer's that changes. It says nothing else; the page is read again. Where
 * nobody is signed in, or Cairn refuses the stream, the response is 204, with which browsers stop asking. Where Cairn cannot be reached, such as while it
 * is restarted, they are told to ask again: after an error they never would.
 */
export async function respondWithLive(context: PageContext, request: SiteRequest): Promise<Response> {
  const { session, cairn, address } = context.parts;
  if (session.kind !== 'live') return new Response(null, { status: 204 });
  const url = new URL(`api/live?types=${TYPES.join(',')}`, cairn.href.endsWith('/') ? cairn : `${cairn.href}/`);
  const last = /^\d{1,20}$/.exec(request.headers.get('last-event-id') ?? '')?.[0];
  const opened = fetch(url, {
    headers: {
      Accept: 'text/event-stream',
      Authorization: `Bearer ${session.session.token}`,
      'X-Forwarded-For': address,
      ...(last ? { 'Last-Event-ID': last } : {}),
    },
    signal: AbortSignal.any([request.gone, AbortSignal.timeout(LIFETIME_MILLIS)]),
  });
  const answer = await opened.catch(() => undefined);
  if (!answer || answer.status === 429 || answer.status >= 500) {
    await answer?.body?.cancel();
    return new Response(`retry: ${RETRY_MILLIS}\n\n`, { headers: STREAM_HEADERS });
  }
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel();
    return new Response(null, { status: 204 });
  }
  return new Response(passOnChanges(answer.body, !last), { headers: STREAM_HEADERS });
}

/**
 * The stream with nothing in it but that something changed, and its comments, which keep the connection open. `isFirst`: the browser has not followed
 * another before. What changed after its page was made and before the stream was open is told by nobody, so that it begins with a change.
 */
function passOnChanges(body: ReadableStream<Uint8Array>, isFirst: boolean): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const [decoder, encoder] = [new TextDecoder(), new TextEncoder()];
  let rest = '';
  return new ReadableStream({
    start(controller) {
      if (isFirst) controller.enqueue(encoder.encode(CHANGE));
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        const events = (rest + decoder.decode(value, { stream: true })).split('\n\n');
        rest = events.pop() ?? '';
        controller.enqueue(encoder.encode(events.map(reduceEvent).join('')));
      } catch {
        // The time of the stream is over, or Cairn has stopped: the browser asks again.
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** An event without what it is about. Its place in the stream stays, so that nothing is missed when the browser asks again. */
export function reduceEvent(event: string): string {
  const name = /^event: ?(.*)$/m.exec(event)?.[1] ?? '';
  const id = /^id: ?(\d+)$/m.exec(event)?.[1];
  const place = id ? `id: ${id}\n` : '';
  if (!name.startsWith('entry.') && name !== 'reset') return `${place || ':\n'}\n`;
  return place + CHANGE;
}
