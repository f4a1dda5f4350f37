import { expect, test } from 'vitest';
import { queryString } from './queryString';

test('nested values use the bracket syntax of the query language', () => {
  expect(
    queryString({
      filters: { $or: [{ title: { $contains: 'a&b=[c]' } }, { n: { $gt: 2 } }] },
      sort: ['a:asc'],
      page: 1,
    }),
  ).toBe(
    'filters[$or][0][title][$contains]=a%26b%3D%5Bc%5D&filters[$or][1][n][$gt]=2&sort[0]=a:asc&page=1'.replace(
      'a:asc',
      'a%3Aasc',
    ),
  );
});

test('undefined values are omitted, null is an empty value', () => {
  expect(queryString({ a: undefined, b: null, c: false, d: {} })).toBe('b=&c=false');
});
