// Live updates: events, connections that break off, and how they end.
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createClient, type LiveEvent, type UntypedContent } from '../src/index.js';
import { EventParser } from '../src/eventStream.js';
import { errorOf, startServer, TOKEN } from './startServer.js';

type Event = LiveEvent<UntypedContent>;

const change = (id: number, documentId: string, event = 'entry.publish') =>
  `id: ${id}\nevent: ${event}\ndata: {"event":"${event}","uid":"api::a.a","documentId":"${documentId}","locale":"nl","at":"2026-01-02T03:04:05.678Z"}\n\n`;

function begin(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).write(`retry: 20\nid: 1\nevent: ready\ndata: {}\n\n${text}`);
}

/** The first events of a stream, which is closed then. */
async function take(stream: AsyncGenerator<Event, void, undefined>, count: number): Promise<string[]> {
  const heard: string[] = [];
  for await (const event of stream) {
    heard.push('documentId' in event ? `${event.event} ${event.documentId}` : event.event);
    if (heard.length === count) break;
  }
  return heard;
}

test('events are read as the standard has them, in whatever pieces they come', () => {
  const text = '\uFEFF: hello\r\nretry: 50\rid: 7\nevent: a\ndata:  x é\ndata\n\nid\0\ndata: y\r\n\r\nevent: empty\n\nid: 8\n\ndata: last\n';
  const bytes = new TextEncoder().encode(text);
  const expected = [
    { name: 'a', data: ' x é\n', id: '7' },
    { name: 'message', data: 'y', id: '7' },
  ];
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < bytes.length; at += size) events.push(...parser.push(bytes.slice(at, at + size)));
    assert.deepEqual(events, expected, `in pieces of ${size}`);
    // What is not complete is no event; ids count without one.
    assert.deepEqual([parser.lastId, parser.retry], ['8', 50]);
  }
  assert.throws(() => new EventParser().push(new Uint8Array(2 << 20).fill(65)), RangeError);
});

test('listeners hear of changes, and close the connection when they stop', async (t) => {
  let closed = false;
  const { client, requests } = await startServer(t, (request, response) => {
    request.socket.on('close', () => (closed = true));
    begin(response, `: still here\nid: 2\n\n${change(3, 'x')}event: unknown\ndata: {}\n\nevent: entry.update\ndata: [\n\n${change(4, 'y', 'entry.hidden')}`);
  });
  assert.deepEqual(await take(client.listen(['api::a.a', 'api::b.b']), 3), ['ready', 'entry.publish x', 'entry.hidden y']);
  assert.equal(requests[0]?.url, '/api/live?types=api%3A%3Aa.a%2Capi%3A%3Ab.b');
  assert.deepEqual([requests[0]?.headers.accept, requests[0]?.headers.authorization], ['text/event-stream', `Bearer ${TOKEN}`]);
  for (let wait = 0; !closed && wait < 100; wait += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(closed, 'the connection is still open');
  assert.equal(requests.length, 1);
});

test('a connection that ends is made again, from where it was', async (t) => {
  const { client, requests } = await startServer(t, (request, response) => {
    const connection = requests.length;
    if (connection === 1) {
      begin(response, change(5, 'x'));
      setTimeout(() => request.socket.destroy(), 30);
    } else if (connection === 2) {
      response.writeHead(503).end();
    } else if (connection === 3) {
      begin(response, `id: 9\nevent: reset\ndata: {}\n\nid: 9\nevent: end\ndata: {"reason":"the server stops"}\n\n`);
    } else {
      begin(response, change(10, 'y'));
    }
  });
  assert.deepEqual(await take(client.listen(), 4), ['ready', 'entry.publish x', 'reset', 'entry.publish y']);
  assert.deepEqual(
    requests.map((request) => request.headers['last-event-id']),
    [undefined, '5', '5', '9'],
  );
  assert.equal(requests[0]?.url, '/api/live');
});

test('a connection that says nothing any more is made again', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => {
    begin(response, requests.length === 1 ? '' : change(2, 'x'));
  });
  assert.deepEqual(await take(client.listen(undefined, { silence: 50 }), 2), ['ready', 'entry.publish x']);
  assert.equal(requests.length, 2);
});

test('a listener who may not listen, or no longer, gets the error', async (t) => {
  const error = JSON.stringify({ data: null, error: { status: 403, name: 'ForbiddenError', message: 'Forbidden', details: {} } });
  const { client, requests } = await startServer(t, (_, response) => {
    if (requests.length === 2) {
      begin(response, 'event: end\ndata: {"reason":"signed out"}\n\n');
      response.end();
    } else response.writeHead(403).end(error);
  });
  const refused = await errorOf(take(client.listen(), 9));
  assert.deepEqual([refused.kind, refused.status, refused.path], ['http', 403, '/api/live']);
  assert.equal((await errorOf(take(client.listen(), 9))).status, 403);
  assert.equal(requests.length, 3);
  await assert.rejects(client.listen([]).next(), TypeError);
  const closed = createClient({ url: 'http://127.0.0.1:1' });
  assert.equal((await errorOf(closed.listen().next())).kind, 'network');
});

test('an answer that is no stream is an error', async (t) => {
  const { client } = await startServer(t, (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'));
  const error = await errorOf(client.listen().next());
  assert.deepEqual([error.kind, error.message], ['response', 'GET /api/live: the response is no stream of events: text/html']);
});

test('the signal ends a listener, whatever it waits for', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => {
    if (requests.length === 1) begin(response, '');
    else if (requests.length === 3) {
      begin(response, '');
      response.end();
    }
    // The second one never answers.
  });
  for (const pause of [100, 100, 5]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), pause);
    const heard = await take(client.listen(undefined, { signal: controller.signal }), 99);
    assert.ok(heard.length <= 1, String(heard));
  }
  assert.deepEqual(await take(client.listen(undefined, { signal: AbortSignal.abort() }), 1), []);
});
