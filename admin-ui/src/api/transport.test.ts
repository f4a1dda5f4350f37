// @vitest-environment jsdom
import i18next from 'i18next';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ApiError, requestWithHeaders, OfflineError, request } from './client';
import { setSignInHandler, setCsrf } from './transport';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  server.resetHandlers();
  setSignInHandler(undefined);
  setCsrf(undefined);
});
afterAll(() => server.close());

const URL = '*/admin/api/things';

test('changing requests carry the CSRF token, reading requests do not', async () => {
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

test('every request asks for texts in the language that is shown', async () => {
  const texts = { common: { save: '' } };
  await i18next.init({ lng: 'nl', ns: ['common'], resources: { en: texts, nl: texts } });
  const seen: (string | null)[] = [];
  server.use(
    http.all(URL, ({ request: sent }) => {
      seen.push(sent.headers.get('Accept-Language'));
      return HttpResponse.json({ data: 1 });
    }),
  );
  await request('GET', '/admin/api/things');
  await request('POST', '/admin/api/things', { body: {} });
  await i18next.changeLanguage('en');
  await request('GET', '/admin/api/things');
  expect(seen).toEqual(['nl', 'nl', 'en']);
});

test('an error has the name, details and reference of the server', async () => {
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

test('a response that is not JSON becomes an error', async () => {
  server.use(http.get(URL, () => new HttpResponse('<html>502</html>', { status: 502 })));
  await expect(request('GET', '/admin/api/things')).rejects.toMatchObject({ status: 502, name: 'HttpError' });
});

test('an unreachable server is reported as such', async () => {
  server.use(http.get(URL, () => HttpResponse.error()));
  await expect(request('GET', '/admin/api/things')).rejects.toBeInstanceOf(OfflineError);
});

test('a request with an expired session is retried after sign-in, with its body and the new token', async () => {
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
  setSignInHandler(async (why) => {
    asked.push(why);
    setCsrf('new');
    return true;
  });
  const answer = await requestWithHeaders<{ data: string }>('PUT', '/admin/api/things', { body: { text: 'typed' } });
  expect(answer.body.data).toBe('done');
  expect(answer.headers.get('Cairn-Version')).toBe('7');
  expect(asked).toEqual(['ended']);
  expect(seen).toEqual([
    [{ text: 'typed' }, 'old'],
    [{ text: 'typed' }, 'new'],
  ]);
});

test('a wrong password does not end the session', async () => {
  server.use(
    http.post('*/admin/api/login', () =>
      HttpResponse.json(
        { data: null, error: { status: 401, name: 'UnauthorizedError', message: 'no' } },
        { status: 401 },
      ),
    ),
  );
  let asked = 0;
  setSignInHandler(async () => {
    asked += 1;
    return true;
  });
  await expect(request('POST', '/admin/api/login', { body: {} })).rejects.toMatchObject({ status: 401 });
  expect(asked).toBe(0);
});

test('a request that requires signing in again waits for it, and fails if it is declined', async () => {
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
  setSignInHandler(async (why) => {
    asked.push(why);
    return shown;
  });
  await expect(request('GET', '/admin/api/session/lately')).rejects.toMatchObject({
    status: 401,
    message: 'too long ago',
  });
  setSignInHandler(async (why) => {
    asked.push(why);
    shown = true;
    return true;
  });
  await request('GET', '/admin/api/session/lately');
  expect(asked).toEqual(['lately', 'lately']);
});
