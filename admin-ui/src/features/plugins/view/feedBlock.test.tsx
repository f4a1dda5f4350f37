import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ContentType, Model } from '@/api/model';
import pluginView from '@/i18n/en/pluginView.json';
import { loadBlocks, renderBlock } from './testing';

beforeAll(loadBlocks, 60_000);

const can = {
  find: true,
  create: true,
  update: true,
  delete: true,
  publish: true,
  fields: { read: null, write: null },
};

function typeOf(name: string, attributes: ContentType['attributes']): ContentType {
  return {
    uid: `plugin::crm.${name}`,
    kind: 'collectionType',
    draftAndPublish: false,
    localized: false,
    previewable: false,
    privateFiles: false,
    can,
    info: { singularName: name, pluralName: `${name}s`, displayName: name, description: '' },
    titleField: 'subject',
    route: `crm/${name}s`,
    attributes,
  } as ContentType;
}

const model: Model = {
  contentTypes: [
    typeOf('activity', {
      subject: { type: 'string' },
      body: { type: 'text' },
      kind: { type: 'enumeration', enum: ['call'] },
      at: { type: 'datetime' },
    }),
    typeOf('payment', { subject: { type: 'string' }, receivedAt: { type: 'date' } }),
  ],
  components: [],
  hash: '',
  locked: false,
};

let rows: Record<string, object[]> = {};
let asked: URLSearchParams[] = [];
let status = 200;
const server = setupServer(
  http.get('*/admin/api/content/:uid', ({ request, params }) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    if (status !== 200) return HttpResponse.json({ error: { status, name: 'Error', message: 'no' } }, { status });
    const all = rows[String(params.uid)] ?? [];
    const [page, size] = [Number(query.get('pagination[page]')), Number(query.get('pagination[pageSize]'))];
    return HttpResponse.json({
      data: all.slice((page - 1) * size, page * size),
      meta: { pagination: { page, pageSize: size, pageCount: 1, total: all.length }, states: {} },
    });
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  rows = {};
  asked = [];
  status = 200;
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const calls = {
  type: 'plugin::crm.activity',
  date: 'at',
  text: 'body',
  label: 'Call:',
  icon: 'phone',
  details: [{ field: 'kind', values: { call: { label: 'Phone call' } } }],
};
const payments = { type: 'plugin::crm.payment', date: 'receivedAt', label: 'Paid:' };

const renderFeed = (sources: object[], label?: string) =>
  renderBlock({ kind: 'feed', label, sources, empty: 'Nobody has called.' }, model);

const minutesBefore = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, 45 - n)).toISOString();

const titles = () => screen.getAllByRole('link').map(({ textContent }) => textContent);

it('what happened is listed by day, the latest first, whatever type it is of', async () => {
  rows = {
    'plugin::crm.activity': [
      {
        documentId: 'a2',
        subject: 'Asked for <b>lights</b>',
        body: 'Two rows.',
        kind: 'call',
        at: '2026-11-21T10:00:00',
      },
      { documentId: 'a1', subject: 'First call', kind: null, at: '2026-11-19T10:00:00' },
    ],
    'plugin::crm.payment': [{ documentId: 'p1', subject: 'Deposit', receivedAt: '2026-11-20' }],
  };
  await renderFeed([calls, payments, { type: 'plugin::crm.secret', date: 'at' }], 'Timeline');
  await screen.findByRole('link', { name: 'Deposit' });
  expect(titles()).toEqual(['Asked for <b>lights</b>', 'Deposit', 'First call']);
  expect(screen.getAllByRole('heading', { level: 3 }).map(({ textContent }) => textContent)).toEqual([
    'Saturday, November 21, 2026',
    'Friday, November 20, 2026',
    'Thursday, November 19, 2026',
  ]);
  const [first, second] = screen.getAllByRole('listitem');
  if (!first || !second) throw new Error('there are items');
  expect(within(first).getByText('Two rows.')).toBeTruthy();
  expect(within(first).getByText('Phone call')).toBeTruthy();
  expect(within(second).queryByText(/:\d\d/)).toBeNull();
  expect(asked.map((query) => query.get('sort[0]'))).toEqual(['at:desc', 'receivedAt:desc']);
  expect(asked.every((query) => [...query.keys()].some((key) => key.endsWith('[$notNull]')))).toBe(true);
});

it('without a label no level of headings is left out', async () => {
  rows = { 'plugin::crm.payment': [{ documentId: 'p1', subject: 'Deposit', receivedAt: '2026-11-20' }] };
  await renderFeed([payments]);
  expect(await screen.findByRole('heading', { level: 2, name: 'Friday, November 20, 2026' })).toBeTruthy();
});

it('more is read when it is asked for', async () => {
  rows = {
    'plugin::crm.activity': Array.from({ length: 45 }, (_, n) => ({
      documentId: `a${n}`,
      subject: `Call ${n}`,
      at: minutesBefore(n),
    })),
  };
  await renderFeed([calls]);
  await screen.findByRole('link', { name: 'Call 19' });
  expect(screen.queryByRole('link', { name: 'Call 20' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'More' }));
  await screen.findByRole('link', { name: 'Call 39' });
  await userEvent.click(screen.getByRole('button', { name: 'More' }));
  await screen.findByRole('link', { name: 'Call 44' });
  await waitFor(() => expect(screen.queryByRole('button', { name: 'More' })).toBeNull());
});

it('a long text is folded', async () => {
  rows = {
    'plugin::crm.activity': [{ documentId: 'a', subject: 'Call', body: 'x '.repeat(500), at: '2026-11-19T10:00:00' }],
  };
  await renderFeed([calls]);
  const button = await screen.findByRole('button', { name: 'Show full text' });
  await userEvent.click(button);
  expect(button.getAttribute('aria-expanded')).toBe('true');
  expect(button.textContent).toBe('Show less');
});

it('nothing, an error and a wrong field are told', async () => {
  const nothing = await renderFeed([calls]);
  await screen.findByText('Nobody has called.');
  nothing.unmount();
  status = 403;
  const refused = await renderFeed([calls]);
  await screen.findByRole('alert');
  refused.unmount();
  await renderFeed([{ ...calls, date: 'subject' }]);
  await screen.findByText(pluginView.wrong, { exact: false });
});
