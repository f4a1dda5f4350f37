import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';

/** Largest body of a form. */
const MAX_BODY_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MILLIS = 30_000;

/** A request as it arrives, with its body if that is one of a form. */
export interface SiteRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
  /** Network address of whoever is connected. */
  peer: string;
  /** Aborts when the visitor leaves before the response is complete. */
  gone: AbortSignal;
}

export type SiteHandler = (request: SiteRequest) => Promise<Response>;

/** A server that answers with web responses. */
export function createSiteServer(handle: SiteHandler): Server {
  const server = createServer((incoming, outgoing) => {
    respond(handle, incoming, outgoing).catch((error: unknown) => {
      // The visitor has left, or the file that is passed on broke off.
      if (!outgoing.headersSent) outgoing.writeHead(500).end();
      else outgoing.destroy();
      if (!incoming.destroyed) console.error('a request failed:', error);
    });
  });
  server.requestTimeout = REQUEST_TIMEOUT_MILLIS;
  return server;
}

async function respond(handle: SiteHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const target = `http://${incoming.headers.host ?? 'localhost'}${incoming.url ?? '/'}`;
  const body = await readBody(incoming);
  // A host that cannot be one, or a target that is no path.
  if (!URL.canParse(target) || !incoming.url?.startsWith('/')) return end(outgoing, 400);
  if (body === undefined) return end(outgoing, 413);
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const response = await handle({
    method: incoming.method ?? 'GET',
    url: new URL(target),
    headers,
    body,
    peer: incoming.socket.remoteAddress ?? '',
    gone: gone.signal,
  });
  if (gone.signal.aborted) {
    await response.body?.cancel();
    return;
  }
  const sent: Record<string, string | string[]> = Object.fromEntries(response.headers);
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) sent['set-cookie'] = cookies;
  outgoing.writeHead(response.status, sent);
  if (!response.body || incoming.method === 'HEAD') {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
}

function end(outgoing: ServerResponse, status: number): void {
  outgoing.writeHead(status, { Connection: 'close' }).end();
}

/** `undefined` for a body that is too large. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
