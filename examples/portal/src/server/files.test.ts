import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { PageContext } from '../context.ts';
import { deriveKeys } from '../session/seal.ts';
import { openSharedPhoto, sealSharedPhoto } from '../session/shared-photo.ts';
import { passOn } from './files.ts';
import type { SiteRequest } from './listener.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A Cairn that answers so, as the context of a request sees it. */
async function withCairn(handle: Parameters<typeof createServer>[1]): Promise<PageContext> {
  server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cairn = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { parts: { cairn, method: 'GET' } } as PageContext;
}

function requestUntil(gone: AbortSignal): SiteRequest {
  return { method: 'GET', url: new URL('http://site'), headers: new Headers(), body: '', peer: '', gone };
}

test('a file whose response does not begin is given up', async () => {
  const context = await withCairn(() => undefined);
  const answer = passOn(context, '/uploads/a.png', requestUntil(new AbortController().signal), 50);
  await expect(answer).rejects.toMatchObject({ status: 503 });
});

test('a file that has begun may take longer than that', async () => {
  const context = await withCairn((_, response) => {
    response.write('be');
    setTimeout(() => response.end('gun'), 200);
  });
  const answer = await passOn(context, '/uploads/a.png', requestUntil(new AbortController().signal), 100);
  expect(await answer.text()).toBe('begun');
});

test('nothing goes on being read from Cairn once the visitor has left', async () => {
  const closed = defer();
  const context = await withCairn((_, response) => {
    response.once('close', () => closed.resolve());
    response.write('begun');
  });
  const gone = new AbortController();
  const answer = await passOn(context, '/uploads/a.mp4', requestUntil(gone.signal));
  gone.abort();
  await closed.promise;
  await expect(answer.text()).rejects.toThrow();
});

/** A promise and what resolves it. Node 20 has no `Promise.withResolvers`. */
function defer() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('files of other servers are not fetched', async () => {
  const context = await withCairn((_, response) => response.end());
  const answer = passOn(context, 'https://example.com/a.png', requestUntil(new AbortController().signal));
  await expect(answer).rejects.toMatchObject({ status: 404 });
});

test('the address of a shared photo is for the page that it was sealed for', () => {
  const keys = deriveKeys('x'.repeat(32));
  const sealed = sealSharedPhoto(keys, 'one', '/uploads/private/a.jpg?token=t');
  expect(openSharedPhoto(keys, 'one', sealed)).toBe('/uploads/private/a.jpg?token=t');
  for (const [token, value] of [
    ['two', sealed],
    ['one', `${sealed}A`],
    ['one', ''],
    ['one', '/uploads/private/a.jpg'],
  ] as const) {
    expect(openSharedPhoto(keys, token, value)).toBeUndefined();
  }
  expect(openSharedPhoto(deriveKeys('y'.repeat(32)), 'one', sealed)).toBeUndefined();
});
