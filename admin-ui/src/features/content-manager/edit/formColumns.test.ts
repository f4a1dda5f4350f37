import { expect, test } from 'vitest';
import type { Attributes } from '@/api/model';
import { splitColumns } from './formColumns';

const attributes: Attributes = {
  title: { type: 'string' },
  slug: { type: 'uid' },
  text: { type: 'text' },
  seoTitle: { type: 'string' },
  seoText: { type: 'text' },
  price: { type: 'decimal', column: 'side' },
};

const columns = (groups: { label: string; fields: string[]; tab?: boolean }[]) =>
  splitColumns({ attributes, titleField: 'title', layout: { columns: [], sort: null, groups, fields: {} } });

test('what is written is in the wide column, what classifies beside it, and groups come last', () => {
  expect(columns([{ label: 'Search', fields: ['seoTitle', 'slug'] }])).toEqual({
    parts: [
      { label: '', fields: ['title', 'text', 'seoText'] },
      { label: 'Search', fields: ['seoTitle', 'slug'] },
    ],
    tabs: [],
    main: ['title', 'text', 'seoText', 'seoTitle', 'slug'],
    side: ['price'],
  });
});

test('a tab has its own fields and the groups after it, up to the next tab; without fields to show there is none', () => {
  const { parts, tabs, main } = columns([
    { label: 'Above', fields: ['text'] },
    { label: 'Empty', fields: ['price'], tab: true },
    { label: 'Search', fields: [], tab: true },
    { label: 'Heading', fields: ['seoTitle', 'gone'] },
    { label: 'More', fields: ['seoText'], tab: true },
  ]);
  expect(parts.map(({ label }) => label)).toEqual(['', 'Above']);
  expect(tabs).toEqual([
    { label: 'Search', parts: [{ label: 'Heading', fields: ['seoTitle'] }] },
    { label: 'More', parts: [{ label: '', fields: ['seoText'] }] },
  ]);
  expect(main).toEqual(['title', 'text', 'seoTitle', 'seoText']);
});
