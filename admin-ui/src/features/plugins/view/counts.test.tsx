import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ContentType, Model } from '@/api/model';
import type { Block } from './types';
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
const booking: ContentType = {
  uid: 'plugin::bookings.booking',
  kind: 'collectionType',
  draftAndPublish: false,
  localized: false,
  previewable: false,
  privateFiles: false,
  missingChecks: [],
  can,
  info: { singularName: 'booking', pluralName: 'bookings', displayName: 'Booking', description: '' },
  titleField: 'name',
  route: 'bookings/bookings',
  attributes: {
    name: { type: 'string' },
    state: { type: 'enumeration', enum: ['waiting', 'confirmed', 'cancelled'], required: true },
    paid: { type: 'boolean', required: true },
    places: { type: 'integer' },
  },
} as ContentType;
const model: Model = { contentTypes: [booking], components: [], hash: '', locked: false };
const COUNTS: Record<string, number> = { waiting: 2, confirmed: 6, cancelled: 0, true: 3, false: 5 };

/** The queries that arrived. */
let asked: URLSearchParams[] = [];
/** Sums that the server gives, by the value or the beginning of the period; the empty text is for those without. */
let amounts: Record<string, number | string | null> = {};
const server = setupServer(
  http.get('*/admin/api/content/:uid/aggregates', ({ request }) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    const name = query.get('groupBy[0]') ?? '';
    const [measure = '', field = ''] = (query.get('measures[0]') ?? '').split('.');
    const all = Object.entries(measure === 'count' ? COUNTS : amounts);
    const data = all.map(([text, number]) => ({
      group: { [name]: groupValue(text) },
      [measure]: measure === 'count' ? number : { [field]: number },
    }));
    return HttpResponse.json({ data });
  }),
  http.get('*/admin/api/content/:uid', ({ request }) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    const value = [...query].filter(([key]) => key.startsWith('filters')).at(-1)?.[1];
    const total = value === undefined ? 8 : (COUNTS[value] ?? 0);
    return HttpResponse.json({
      data: [],
      meta: { pagination: { page: 1, pageSize: 1, pageCount: total, total }, states: {}, reviews: {} },
    });
  }),
);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => {
  asked = [];
});
afterAll(() => server.close());

/** A value as groups have it. */
function groupValue(text: string): string | boolean | null {
  return ['true', 'false'].includes(text) ? text === 'true' : text || null;
}

const draw = (block: object) => renderBlock(block, model);

/** The first example of the page that plugin authors read. */
function exampleOfTheDocs(): { show: Block[] } {
  const page = readFileSync(join(import.meta.dirname, '../../../../../docs/plugins/views.md'), 'utf8');
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  return JSON.parse(json) as { show: Block[] };
}

describe('counts', () => {
  it('are rendered as in the example of the documentation', async () => {
    const stats = exampleOfTheDocs().show.find(({ kind }) => kind === 'stats');
    if (stats?.kind !== 'stats') throw new Error('the example has stats');
    expect(stats.items[0]?.count).not.toHaveProperty('kind');
    await draw(stats);
    expect(await screen.findByText('2')).toBeTruthy();
    expect(screen.queryByText('–')).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it.each([true, 'true', ['true']])('are filtered by a boolean written %j', async (value) => {
    const operator = Array.isArray(value) ? '$in' : '$eq';
    await draw({
      kind: 'stats',
      items: [{ label: 'Paid', count: { type: booking.uid, filters: { and: [{ field: 'paid', operator, value }] } } }],
    });
    expect(await screen.findByText('3')).toBeTruthy();
  });

  it('are not requested for a value that the field cannot have', async () => {
    await draw({
      kind: 'stats',
      items: [
        {
          label: 'Paid',
          count: { type: booking.uid, filters: { and: [{ field: 'paid', operator: '$eq', value: 'yes' }] } },
        },
      ],
    });
    expect(await screen.findByText('–')).toBeTruthy();
    expect(asked).toHaveLength(0);
  });
});

const chart = (mark: string, groupBy = 'state') => ({
  kind: 'chart',
  mark,
  label: 'Bookings',
  type: booking.uid,
  groupBy,
});

describe('charts of counts', () => {
  it('are slices of a pie chart', async () => {
    const { container } = await draw(chart('pie'));
    const figure = await screen.findByRole('figure', { name: 'Bookings' });
    expect(container.querySelectorAll('svg path')).toHaveLength(2);
    expect(within(figure).getByText('confirmed: 6 (75%)')).toBeTruthy();
    // What has no slice is in the table all the same.
    expect(within(figure).getByRole('rowheader', { name: 'cancelled', hidden: true })).toBeTruthy();
  });

  it.each([
    ['line', 1],
    ['area', 2],
  ])('are rendered as a %s', async (mark, paths) => {
    const { container } = await draw(chart(mark));
    const figure = await screen.findByRole('figure', { name: 'Bookings' });
    expect(container.querySelectorAll('svg path')).toHaveLength(paths);
    expect(within(figure).getAllByRole('rowheader', { hidden: true })).toHaveLength(3);
  });

  it('are a funnel', async () => {
    await draw(chart('funnel'));
    const figure = await screen.findByRole('figure', { name: 'Bookings' });
    expect(within(figure).getAllByRole('listitem')[1]?.textContent).toContain('confirmed');
  });

  it('are asked for at once', async () => {
    await draw(chart('pie'));
    await screen.findByRole('figure', { name: 'Bookings' });
    expect(asked.map((query) => query.get('groupBy[0]'))).toEqual(['state']);
  });

  it('are sums by calendar period, in the zone of who looks', async () => {
    amounts = { '': '7', '2026-09-01': '1250.50', '2026-11-01': 100 };
    await draw({
      ...chart('line', 'createdAt'),
      period: 'month',
      measure: 'sum',
      field: 'places',
      format: 'money',
      currency: 'EUR',
    });
    const figure = await screen.findByRole('figure', { name: 'Bookings' });
    expect(asked[0]?.get('groupBy[0]')).toBe(`createdAt@month@${Intl.DateTimeFormat().resolvedOptions().timeZone}`);
    expect(asked[0]?.get('measures[0]')).toBe('sum.places');
    const rows = within(figure).getAllByRole('row', { hidden: true });
    expect(rows.map((row) => row.textContent)).toEqual([
      'Bookings',
      'Sep 2026€1,250.50',
      'Oct 2026€0.00',
      'Nov 2026€100.00',
    ]);
  });

  it.each(['average', 'median'])('are of the measure %s by value, and none where there is none', async (measure) => {
    amounts = { waiting: 2.5, confirmed: null };
    await draw({ ...chart('bar'), measure, field: 'places' });
    expect(asked[0]?.get('measures[0]')).toBe(`${measure}.places`);
    const figure = await screen.findByRole('figure', { name: 'Bookings' });
    const rows = within(figure).getAllByRole('row', { hidden: true });
    expect(rows.map((row) => row.textContent)).toEqual(['Bookings', 'waiting2.5', 'confirmed–', 'cancelled–']);
  });

  it('are not asked for by the period of what is no date', async () => {
    await draw({ ...chart('bar', 'state'), period: 'month' });
    expect(asked).toEqual([]);
  });

  it('are bars labelled by their values', async () => {
    const { container } = await draw(chart('bar', 'paid'));
    expect(await screen.findByRole('rowheader', { name: 'yes' })).toBeTruthy();
    expect(container.querySelectorAll('svg rect')).toHaveLength(2);
    expect(container.querySelectorAll('svg path')).toHaveLength(0);
  });
});
