import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createClient } from '../src/index.js';
import { errorOf, startServer, TOKEN } from './startServer.js';

const EMPTY_LIST = '{"data":[],"meta":{"pagination":{"page":1,"pageSize":25,"pageCount":0,"total":0}}}';

test('requests have the address, the headers and the body that a call says', async (t) => {
  const seen: string[] = [];
  const { client, requests } = await startServer(
    t,
    (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += String(chunk)));
      request.on('end', () => {
        seen.push(body);
        response.end('{"data":{"documentId":"x"},"meta":{}}');
      });
    },
    { headers: { 'x-all': '1', 'x-both': 'client' } },
  );
  await client.collection('articles').update('a/b ?#', { day: new Date(0) }, { status: 'draft' }, { headers: { 'X-Both': 'call' } });
  const [request] = requests;
  assert.equal(request?.method, 'PUT');
  assert.equal(request?.url, '/api/articles/a%2Fb%20%3F%23?status=draft');
  assert.equal(request?.headers.authorization, `Bearer ${TOKEN}`);
  assert.equal(request?.headers['content-type'], 'application/json');
  assert.deepEqual([request?.headers['x-all'], request?.headers['x-both']], ['1', 'call']);
  assert.deepEqual(seen, ['{"data":{"day":"1970-01-01T00:00:00.000Z"}}']);
});

test('tokens are those of the client, of the call, or none', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => response.end(EMPTY_LIST), { token: async () => ' changing\n' });
  await client.collection('a').find();
  await client.collection('a').find({}, { token: 'other' });
  await client.collection('a').find({}, { token: null });
  await client.collection('a').find({}, { headers: { authorization: 'Basic x' } });
  assert.deepEqual(
    requests.map((request) => request.headers.authorization),
    ['Bearer changing', 'Bearer other', undefined, 'Basic x'],
  );
});

test('options of fetch are passed on, and the client sends by the fetch it is given', async () => {
  const calls: (RequestInit & { next?: object })[] = [];
  const fetch = async (_: unknown, init: RequestInit = {}) => {
    calls.push(init);
    return new Response(EMPTY_LIST);
  };
  const client = createClient({ url: 'https://example.org/cms/', fetch: fetch as typeof globalThis.fetch });
  await client.collection('a').find({}, { cache: 'force-cache', next: { revalidate: 60 }, timeout: 0 } as object);
  assert.deepEqual([calls[0]?.cache, calls[0]?.next, calls[0]?.signal], ['force-cache', { revalidate: 60 }, undefined]);
  await client.collection('a').find();
  assert.ok(calls[1]?.signal, 'with a limit of time there is a signal');
});

test('the global fetch is the one at the time of the call', async (t) => {
  const client = createClient({ url: 'https://example.org/cms/' });
  const addresses: unknown[] = [];
  t.mock.method(globalThis, 'fetch', async (address: unknown) => {
    addresses.push(address);
    return new Response(EMPTY_LIST);
  });
  await client.collection('crm/leads').find({ sort: 'a' });
  assert.deepEqual(addresses, ['https://example.org/cms/api/crm/leads?sort=a']);
});

test('errors of the server have its name, message and details', async (t) => {
  const errors = [{ path: ['seo', 0, 'title'], message: 'too long', name: 'ValidationError' }];
  const body = { data: null, error: { status: 400, name: 'ValidationError', message: 'seo.0.title: too long', details: { errors, more: 1 } } };
  const { client } = await startServer(t, (_, response) => response.writeHead(400).end(JSON.stringify(body)));
  const error = await errorOf(client.collection('articles').create({}));
  assert.equal(String(error), 'ValidationError: seo.0.title: too long');
  assert.deepEqual([error.kind, error.status, error.method, error.path], ['http', 400, 'POST', '/api/articles']);
  assert.deepEqual(error.details, { errors, more: 1 });
});

test('responses that are not of Cairn give errors that say so', async (t) => {
  let answer: [number, string, string] = [200, '', ''];
  const { client } = await startServer(t, (_, response) => {
    response.writeHead(answer[0], answer[1] ? { 'content-type': answer[1] } : {}).end(answer[2]);
  });
  const articles = client.collection('articles');
  const fails = async (given: [number, string, string], kind: string, message: RegExp, call = () => articles.find() as Promise<unknown>) => {
    answer = given;
    const error = await errorOf(call());
    assert.deepEqual([error.kind, error.status, error.details], [kind, kind === 'http' ? given[0] : undefined, {}], error.message);
    assert.match(error.message, message);
  };
  const html = `<!doctype html>\n<title>502</title>\u0007 ${'x'.repeat(100_000)}`;
  await fails(
    [502, 'text/html; charset=utf-8', html],
    'http',
    /^GET \/api\/articles: 502 Bad Gateway: text\/html, <!doctype html> <title>502<\/title> x{50,90}…$/,
  );
  await fails([500, '', ''], 'http', /500 Internal Server Error: an empty body$/);
  await fails([404, 'application/json', '{"error":"Not Found"}'], 'http', /404 Not Found: application\/json, \{"error":"Not Found"\}$/);
  await fails([400, 'application/json', '{"error":{"name":7,"message":[]}}'], 'http', /400 Bad Request/);
  await fails([200, 'text/html', html], 'response', /the response is not JSON: text\/html, <!doctype html>/);
  await fails([200, 'application/json', '{"data":[{"id":1'], 'response', /the response is not JSON: application\/json, \{"data":\[\{"id":1$/);
  await fails([200, '', ''], 'response', /no response of Cairn's content API: it is empty$/);
  for (const body of ['null', '[]', '{}', '"x"', '{"data":{}}', '{"data":[]}', '{"data":[],"meta":{"pagination":null}}']) {
    await fails([200, 'application/json', body], 'response', /its JSON has another shape$/);
  }
  await fails([200, 'application/json', '{"data":[]}'], 'response', /another shape/, () => articles.findOne('x'));
  await fails([200, 'application/json', '{"data":null}'], 'response', /another shape/, () => client.single('home').find());
  await fails([200, 'application/json', '[]'], 'response', /another shape/, () => client.users.me());
  await fails([200, 'application/json', '{"jwt":7,"user":{}}'], 'response', /another shape/, () => client.users.signIn('a', 'b'));
  await fails([201, 'application/json', '[]'], 'response', /another shape/, () => client.files.upload(new Blob(['x']), { name: 'x' }));
});

test('field errors that are none are left out', async (t) => {
  const details = { errors: [7, null, { path: 'x', message: 'x' }, { path: ['a'], message: 'b', name: 'c' }] };
  const body = JSON.stringify({ error: { name: 'ValidationError', message: 'x', details } });
  const { client } = await startServer(t, (_, response) => response.writeHead(400).end(body));
  assert.deepEqual((await errorOf(client.collection('a').find())).details.errors, [{ path: ['a'], message: 'b', name: 'c' }]);
});

test('failures of the network, the time and the caller can be told apart', async (t) => {
  const { client } = await startServer(t, (request, response) => {
    if (request.url?.includes('broken')) {
      response.writeHead(200, { 'content-length': '100' }).write('{"data"');
      setTimeout(() => request.socket.destroy(), 20);
    } else if (request.url?.includes('begun')) {
      response.writeHead(200).write('{"data"');
    }
  });
  const call = (name: string, options: object) => errorOf(client.collection(name).find({}, options));
  const broken = await call('broken', {});
  assert.deepEqual([broken.kind, broken.name, broken.status], ['network', 'NetworkError', undefined]);
  for (const name of ['silent', 'begun']) {
    const late = await call(name, { timeout: 50 });
    assert.deepEqual([late.kind, late.name, late.message], ['timeout', 'TimeoutError', `GET /api/${name}: no response within 50 ms`]);
    const reason = new Error('navigated away');
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    const aborted = await call(name, { signal: controller.signal });
    assert.deepEqual([aborted.kind, aborted.name, aborted.cause], ['abort', 'AbortError', reason]);
  }
  const closed = createClient({ url: 'http://127.0.0.1:1', token: TOKEN });
  const refused = await errorOf(closed.collection('a').find());
  assert.equal(refused.kind, 'network');
  assert.match(refused.message, /^GET \/api\/a: no response: \S/);
});

test('a call whose signal is aborted already sends nothing', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => response.end(EMPTY_LIST));
  assert.equal((await errorOf(client.collection('a').find({}, { signal: AbortSignal.abort() }))).kind, 'abort');
  assert.equal(requests.length, 0);
});

test('the limit of time holds for a fetch that knows no signals, and for tokens', async () => {
  const never = () => new Promise<never>(() => {});
  const deaf = createClient({ url: 'http://a.b', fetch: never, timeout: 30 });
  assert.equal((await errorOf(deaf.collection('a').find())).kind, 'timeout');
  const slow = createClient({ url: 'http://a.b', token: never, timeout: 30 });
  assert.equal((await errorOf(slow.collection('a').find())).kind, 'timeout');
});

test('reads are sent again when the server is busy, after the time it names', async (t) => {
  let busy = 0;
  let headers: { [name: string]: string } = {};
  let status = 503;
  const { client, requests } = await startServer(t, (_, response) => {
    busy -= 1;
    if (busy >= 0) response.writeHead(status, headers).end('busy');
    else response.end(EMPTY_LIST);
  });
  const find = (options: object = {}) => client.collection('a').find({}, options);
  const sent = async (call: Promise<unknown>) => {
    const before = requests.length;
    const began = Date.now();
    await call;
    return { requests: requests.length - before, seconds: (Date.now() - began) / 1000 };
  };
  [busy, headers] = [1, { 'retry-after': '1' }];
  const waited = await sent(find());
  assert.equal(waited.requests, 2);
  assert.ok(waited.seconds >= 0.99, `${waited.seconds} s`);
  [busy, headers, status] = [1, { 'retry-after': new Date(Date.now() - 5000).toUTCString() }, 429];
  assert.equal((await sent(find())).requests, 2, 'a date that is over');
  [busy, headers] = [1, {}];
  assert.equal((await sent(find())).requests, 2, 'without Retry-After');
  [busy, headers] = [9, { 'retry-after': '0' }];
  assert.equal((await sent(errorOf(find()))).requests, 3, 'twice, and no more');
  busy = 9;
  assert.equal((await sent(errorOf(find({ retries: 0 })))).requests, 1);
  [busy, headers] = [9, { 'retry-after': '11' }];
  const longer = await errorOf(find());
  assert.deepEqual([longer.status, longer.retryAfter], [429, 11], 'too long to wait: the caller learns how long');
  headers = { 'retry-after': '5' };
  assert.equal((await sent(errorOf(find({ timeout: 1000 })))).requests, 1, 'longer than the call may take');
  [busy, headers] = [9, { 'retry-after': '0' }];
  assert.equal((await sent(errorOf(client.collection('a').create({})))).requests, 1, 'writes are sent once');
  [busy, status] = [9, 500];
  assert.equal((await sent(errorOf(find()))).requests, 1, 'other errors are errors');
});

test('a wait ends with the signal', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => response.writeHead(503, { 'retry-after': '5' }).end());
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const began = Date.now();
  assert.equal((await errorOf(client.collection('a').find({}, { signal: controller.signal }))).kind, 'abort');
  assert.ok(Date.now() - began < 2000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(requests.length, 1);
});

test('tokens that are none are refused without being quoted, and clients do not show theirs', async () => {
  const client = createClient({ url: 'http://127.0.0.1:1', token: `${TOKEN}\nx-evil: 1` });
  await assert.rejects(client.collection('a').find(), (error: Error) => error instanceof TypeError && !inspect(error).includes(TOKEN));
  assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes(TOKEN));
  assert.ok(!JSON.stringify(client).includes(TOKEN));
});

test('ids and routes cannot lead to another route', async (t) => {
  const { client, requests } = await startServer(t, (_, response) => response.end(EMPTY_LIST));
  for (const id of ['', '.', '..']) {
    await assert.rejects(client.collection('articles').findOne(id), TypeError);
    await assert.rejects(client.collection('articles').delete(id), TypeError);
    await assert.rejects(client.request('GET', `a/${id}`), TypeError);
  }
  for (const path of ['../admin', 'a/%2e%2E/b', 'a\\..\\b', 'a?x=1', 'a#b', '/a', 'http://evil.example/']) {
    await assert.rejects(client.request('GET', path), TypeError, path);
  }
  await assert.rejects(client.collection('..').find(), TypeError);
  assert.equal(requests.length, 0);
});

test('addresses that are none are refused', () => {
  for (const url of ['', 'example.org', 'ftp://example.org', 'https://a:b@example.org']) {
    assert.throws(() => createClient({ url }), /^TypeError: createClient: `url`/, url);
  }
});

test('findAll ends where the list ends, whatever the server counts', async (t) => {
  const page = (data: object[], pageCount: unknown) => JSON.stringify({ data, meta: { pagination: { page: 1, pageSize: 1, pageCount, total: 9 } } });
  const answers = [page([{ id: 1 }], 1e9), page([{ id: 2 }], 1e9), page([], 1e9), page([{ id: 3 }], 'x')];
  const { client, requests } = await startServer(t, (_, response) => response.end(answers[requests.length - 1]));
  const ids: number[] = [];
  for await (const { id } of client.collection('a').findAll({ pagination: { pageSize: 1 } })) ids.push(id);
  assert.deepEqual(ids, [1, 2]);
  for await (const { id } of client.collection('a').findAll()) ids.push(id);
  assert.deepEqual(ids, [1, 2, 3]);
});
