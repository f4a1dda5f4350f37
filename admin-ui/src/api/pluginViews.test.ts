// @vitest-environment jsdom
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { callRoute, ResponseTooLargeError } from './pluginViews';

const PATH = '/admin/api/plugin-routes/crm/file';
const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  vi.restoreAllMocks();
  server.resetHandlers();
});
afterAll(() => server.close());

/** What a call is answered with where the route answers this. */
async function call(body: BodyInit | null, headers: Record<string, string>, most = 1000, status = 200) {
  server.use(http.get(`*${PATH}`, () => new HttpResponse(body, { status, headers })));
  return callRoute('GET', PATH, undefined, most);
}

const bytes = Uint8Array.of(0x25, 0x50, 0x44, 0x46, 0xff, 0);

test.each([
  'application/pdf',
  'image/png',
  'application/octet-stream',
  'application/vnd.openxmlformats-officedocument',
])('a response of the type %s is bytes', async (type) => {
  const { body, ...rest } = await call(bytes, { 'Content-Type': `${type}; x=1` });
  expect(body).toBeInstanceOf(ArrayBuffer);
  expect(new Uint8Array(body as ArrayBuffer)).toEqual(bytes);
  expect(rest).toEqual({ status: 200, type, name: null });
});

test.each([
  ['application/json; charset=utf-8', '{"a":1}', { a: 1 }],
  ['application/problem+json', '[]', []],
  ['application/json', '', ''],
  ['text/csv', 'a;é', 'a;é'],
  ['image/svg+xml', '<svg/>', '<svg/>'],
  ['application/octet-stream', '', ''],
])('a response of the type %s with %j is no bytes', async (type, sent, body) => {
  expect(await call(sent, { 'Content-Type': type })).toMatchObject({ body, type: type.split(';')[0] });
});

test.each([
  ['attachment; filename="Offer 7.pdf"', 'Offer 7.pdf'],
  ['attachment; filename=offer.pdf', 'offer.pdf'],
  ['attachment; filename="a \\"b\\".pdf"', 'a "b".pdf'],
  ['attachment; filename="offre.pdf"; filename*=UTF-8\'\'offr%C3%A9.pdf', 'offré.pdf'],
  ['attachment; filename="x.pdf"; filename*=UTF-8\'\'%E0%A4', 'x.pdf'],
  ['inline', null],
])('the file of %s is called %j', async (disposition, name) => {
  const headers = { 'Content-Type': 'application/pdf', 'Content-Disposition': disposition };
  expect((await call(bytes, headers)).name).toBe(name);
});

test('a response that is too large is not read to the end, whether it says so before or not', async () => {
  const type = { 'Content-Type': 'application/pdf' };
  expect((await call(bytes, type, 6)).body).toBeInstanceOf(ArrayBuffer);
  await expect(call(bytes, type, 5)).rejects.toBeInstanceOf(ResponseTooLargeError);
  await expect(call(bytes, { ...type, 'Content-Length': '6000' }, 5)).rejects.toBeInstanceOf(ResponseTooLargeError);
  await expect(call('x'.repeat(6), { 'Content-Type': 'text/plain' }, 5)).rejects.toBeInstanceOf(ResponseTooLargeError);
  let cancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes),
    cancel: () => {
      cancelled = true;
    },
  });
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response(endless, { headers: type }));
  await expect(callRoute('GET', PATH, undefined, 100)).rejects.toBeInstanceOf(ResponseTooLargeError);
  expect(cancelled).toBe(true);
});

test('a refusal is an answer', async () => {
  const body = { data: null, error: { status: 403, name: 'Forbidden', message: 'no', details: {} } };
  server.use(http.get(`*${PATH}`, () => HttpResponse.json(body, { status: 403 })));
  const error = { name: 'Forbidden', message: 'no', details: {} };
  const answer = { status: 403, body: { error }, type: 'application/json', name: null };
  expect(await callRoute('GET', PATH, undefined, 1000)).toEqual(answer);
});
