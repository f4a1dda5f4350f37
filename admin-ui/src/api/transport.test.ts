import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, exchange, OfflineError, request } from './client';
import { onSignInNeeded, setCsrf } from './transport';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  onSignInNeeded(undefined);
  setCsrf(undefined);
});
afterAll(() => server.close());

const URL = '*/admin/api/things';

test('changes carry the token of the session, reading does not', async () => {
  const seen: (string | null)[] = [];
  server.use(
    http.all(URL, ({ request: sent }) => {
      seen.push(sent.headers.get('X-CSRF-Token'));
      return HttpResponse.json({ data: 1 });
    }),
  );
  setCsrf('t0ken');
  await request('GET', '/admin/api/things');
  await request('POST', '/admin/api/things', { body: {} });
  expect(seen).toEqual([null, 't0ken']);
});

test('a refusal has the name, the details and the reference of the server', async () => {
  const error = {
    status: 400,
    name: 'ValidationError',
    message: 'no',
    details: { errors: [{ path: ['a', 0, 'b'], message: 'bad', name: 'ValidationError' }] },
  };
  server.use(
    http.get(URL, () => HttpResponse.json({ data: null, error }, { status: 400, headers: { 'X-Request-Id': 'r1' } })),
  );
  const refused = await request('GET', '/admin/api/things').catch((cause: unknown) => cause);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({
    status: 400,
    name: 'ValidationError',
    reference: 'r1',
    problems: [{ path: ['a', 0, 'b'], message: 'bad' }],
  });
});

test('what is no JSON of ours is a refusal all the same', async () => {
  server.use(http.get(URL, () => new HttpResponse('<html>502</html>', { status: 502 })));
  await expect(request('GET', '/admin/api/things')).rejects.toMatchObject({ status: 502, name: 'HttpError' });
});

test('a server that cannot be reached is told apart', async () => {
  server.use(http.get(URL, () => HttpResponse.error()));
  await expect(request('GET', '/admin/api/things')).rejects.toBeInstanceOf(OfflineError);
});

test('a request whose session has ended waits for another and is sent again, with its body and the new token', async () => {
  const seen: unknown[] = [];
  server.use(
    http.put(URL, async ({ request: sent }) => {
      seen.push([await sent.json(), sent.headers.get('X-CSRF-Token')]);
      return seen.length === 1
        ? HttpResponse.json(
            { data: null, error: { status: 401, name: 'UnauthorizedError', message: 'no' } },
            { status: 401 },
          )
        : HttpResponse.json({ data: 'done' }, { headers: { 'Cairn-Version': '7' } });
    }),
  );
  setCsrf('old');
  const asked: string[] = [];
  onSignInNeeded(async (why) => {
    asked.push(why);
    setCsrf('new');
    return true;
  });
  const answer = await exchange<{ data: string }>('PUT', '/admin/api/things', { body: { text: 'typed' } });
  expect(answer.body.data).toBe('done');
  expect(answer.headers.get('Cairn-Version')).toBe('7');
  expect(asked).toEqual(['ended']);
  expect(seen).toEqual([
    [{ text: 'typed' }, 'old'],
    [{ text: 'typed' }, 'new'],
  ]);
});

test('a wrong password is an answer, not the end of a session', async () => {
  server.use(
    http.post('*/admin/api/login', () =>
      HttpResponse.json(
        { data: null, error: { status: 401, name: 'UnauthorizedError', message: 'no' } },
        { status: 401 },
      ),
    ),
  );
  let asked = 0;
  onSignInNeeded(async () => {
    asked += 1;
    return true;
  });
  await expect(request('POST', '/admin/api/login', { body: {} })).rejects.toMatchObject({ status: 401 });
  expect(asked).toBe(0);
});

test('what asks who somebody is waits for that, and is refused where they would rather not', async () => {
  let shown = false;
  const refused = {
    status: 401,
    name: 'UnauthorizedError',
    message: 'too long ago',
    details: { code: 'step_up_required' },
  };
  server.use(
    http.get('*/admin/api/session/lately', () =>
      shown
        ? new HttpResponse(null, { status: 204 })
        : HttpResponse.json({ data: null, error: refused }, { status: 401 }),
    ),
  );
  const asked: string[] = [];
  onSignInNeeded(async (why) => {
    asked.push(why);
    return shown;
  });
  await expect(request('GET', '/admin/api/session/lately')).rejects.toMatchObject({
    status: 401,
    message: 'too long ago',
  });
  onSignInNeeded(async (why) => {
    asked.push(why);
    shown = true;
    return true;
  });
  await request('GET', '/admin/api/session/lately');
  expect(asked).toEqual(['lately', 'lately']);
});
