import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import { CairnError, type ClientOptions, createClient } from '../src/index.js';

/** The token of the clients. */
export const TOKEN = 'secret-0123456789abcdef';

/** A client of a server that answers as the listener says, and the requests that it gets. */
export async function startServer(t: TestContext, listener: RequestListener, options: Partial<ClientOptions> = {}) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { requests, client: createClient({ url, token: TOKEN, ...options }) };
}

/** The error of a call, which shows the token nowhere. */
export async function errorOf(call: Promise<unknown>): Promise<CairnError> {
  const error = await call.then(
    () => assert.fail('the call did not fail'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof CairnError, String(error));
  assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(TOKEN), 'the error has the token');
  return error;
}
