import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const KIT = readFileSync(join(import.meta.dirname, '../../../../../plugins/kit/cairn-kit.js'), 'utf8');
const NONCE = 'a'.repeat(32);
const ORIGIN = 'https://cms.example';

interface Kit {
  ready: Promise<unknown>;
  watch: (types: string | readonly string[], listener: (types: string[]) => void) => () => void;
  call: (method: string, path: string) => Promise<{ body: unknown }>;
}

interface Request {
  id: number;
  do: string;
  with: { types?: string[] };
}

/** Runs the kit in a page of its own; `sent` are its requests. */
async function startKit(answer: (request: Request) => object) {
  const sent: Omit<Request, 'id'>[] = [];
  const frame = new EventTarget();
  const location = { hash: `#cairn=${NONCE}`, origin: ORIGIN, pathname: '/', search: '' };
  const sheets: { href?: string }[] = [];
  const page = {
    documentElement: { style: { setProperty: () => {} }, dataset: {} },
    createElement: () => ({}),
    head: { prepend: (sheet: object) => sheets.push(sheet) },
  };
  const port: { onmessage?: (message: { data: unknown }) => void; postMessage: (request: Request) => void } = {
    postMessage: (request) => {
      sent.push({ do: request.do, with: request.with });
      queueMicrotask(() => port.onmessage?.({ data: { id: request.id, ...answer(request) } }));
    },
  };
  const shown = Object.assign(frame, { parent: { postMessage: () => {} } });
  // The kit is a classic script: what it declares is seen by the scripts behind it.
  // eslint-disable-next-line no-new-func, typescript/no-implied-eval
  const run = new Function('window', 'location', 'history', 'document', `${KIT}; return cairn;`);
  const cairn = run(shown, location, { replaceState: () => {} }, page) as Kit;
  const welcome = { cairn: 1, welcome: NONCE, theme: { scheme: 'light', variables: {} }, locale: 'en' };
  const message = Object.assign(new Event('message'), { data: welcome, origin: ORIGIN, ports: [port] });
  frame.dispatchEvent(message);
  await cairn.ready;
  expect(sheets.map((sheet) => sheet.href)).toEqual(['/cairn/typeface/inter.css']);
  return { cairn, sent, tell: (types: string[]) => port.onmessage?.({ data: { event: 'change', value: types } }) };
}

/** Whatever is waiting to be sent and answered. */
async function settle() {
  for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
}

const grant = ({ with: { types } }: Request) => ({ value: types });
const warned = vi.fn();

beforeEach(() => vi.stubGlobal('console', { ...console, warn: warned }));
afterEach(() => {
  warned.mockReset();
  vi.unstubAllGlobals();
});

test('a listener hears of changes of its types until it ends', async () => {
  const { cairn, sent, tell } = await startKit(grant);
  const [deals, both] = [vi.fn(), vi.fn()];
  const stop = cairn.watch('crm.deal', deals);
  const stopBoth = cairn.watch(['crm.lead', 'crm.deal'], both);
  await settle();
  expect(sent).toEqual([{ do: 'watch', with: { types: ['crm.deal', 'crm.lead'] } }]);
  tell(['crm.lead']);
  tell(['crm.deal', 'crm.other']);
  expect(deals.mock.calls).toEqual([[['crm.deal']]]);
  expect(both.mock.calls).toEqual([[['crm.lead']], [['crm.deal']]]);
  stop();
  stop();
  await settle();
  // The other one still follows both.
  expect(sent).toHaveLength(1);
  stopBoth();
  await settle();
  expect(sent.at(-1)).toEqual({ do: 'watch', with: { types: [] } });
  tell(['crm.deal']);
  expect(deals).toHaveBeenCalledTimes(1);
  expect(both).toHaveBeenCalledTimes(2);
});

test('thousands of watches are one request', async () => {
  const { cairn, sent } = await startKit(grant);
  const stops = Array.from({ length: 5000 }, (_, at) => cairn.watch(`crm.t${at % 3}`, () => {}));
  await settle();
  expect(sent).toEqual([{ do: 'watch', with: { types: ['crm.t0', 'crm.t1', 'crm.t2'] } }]);
  for (const stop of stops) stop();
  await settle();
  expect(sent).toHaveLength(2);
});

test('types that are not granted, and refusals, are said in the console', async () => {
  let refused = true;
  const { cairn, sent } = await startKit(() =>
    refused ? { error: { code: 'busy', message: 'too many requests' } } : { value: ['crm.deal'] },
  );
  cairn.watch('crm.deal', () => {});
  await settle();
  expect(warned.mock.calls).toEqual([['cairn.watch: too many requests']]);
  refused = false;
  cairn.watch(['crm.deal', 'hr.salary'], () => {});
  await settle();
  expect(sent).toHaveLength(2);
  expect(warned.mock.calls.at(-1)).toEqual(['cairn.watch: reading hr.salary is not granted to this plugin']);
});

test('the bytes that a call is answered with arrive', async () => {
  const body = Uint8Array.of(1, 2).buffer;
  const { cairn } = await startKit(() => ({ value: { status: 200, body, type: 'application/pdf', name: 'a.pdf' } }));
  expect((await cairn.call('GET', '/file')).body).toBe(body);
});
