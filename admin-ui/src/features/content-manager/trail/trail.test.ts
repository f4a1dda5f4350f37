// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from 'vitest';
import { typeOf } from '@/test/typeOf';
import { keepTrail, storeTrail, type Trail } from './keep';
import { pagesOf } from './pagesOf';
import { extendTrail, goesOn, loadTrail, stretchAround } from './trail';

const request = vi.hoisted(() => vi.fn());
vi.mock(import('@/api/client'), async (actual) => ({ ...(await actual()), request }));

const news = typeOf('News');
/** What the server has now, in the order of the list. */
let stored: string[];

beforeEach(() => {
  sessionStorage.clear();
  stored = [];
  request.mockReset();
  request.mockImplementation(async (_method: string, _path: string, { query }: { query: never }) => {
    const { page, pageSize } = (query as { pagination: { page: number; pageSize: number } }).pagination;
    const ids = stored.slice((page - 1) * pageSize, page * pageSize);
    return { data: ids.map((documentId) => ({ documentId })), meta: { states: {} } };
  });
});

const trailOf = (pages: Trail['pages'], total: number): Trail => ({
  search: { q: 'word', sort: 'title:asc' },
  query: { _q: 'word', sort: ['title:asc'], populate: { author: true } },
  total,
  pageSize: 2,
  pages,
});

const around = (trail: Trail, id: string) => {
  const stretch = stretchAround(trail, id);
  if (!stretch) throw new Error(`${id} is not in the list`);
  return stretch;
};

test('an entry stands between those of its page and of the pages beside it', () => {
  const trail = trailOf({ 0: ['a', 'b'], 3: ['g', 'h'], 4: ['i'] }, 9);
  expect(around(trail, 'h')).toEqual({ ids: ['g', 'h', 'i'], at: 1, number: 8, firstPage: 3, lastPage: 4 });
  expect(stretchAround(trail, 'c')).toBeUndefined();
  expect(goesOn(trail, around(trail, 'a'), -1)).toBe(false);
  expect(goesOn(trail, around(trail, 'a'), 1)).toBe(true);
  expect(goesOn(trail, around(trail, 'i'), 1)).toBe(false);
  expect(goesOn(trail, around(trail, 'g'), -1)).toBe(true);
});

test('the next page comes with the same filter and order, and with ids alone', async () => {
  stored = ['a', 'b', 'c', 'd', 'e'];
  const trail = trailOf({ 0: ['a', 'b'] }, 5);
  const longer = await extendTrail(news, trail, around(trail, 'b'), 1);
  expect(longer.pages).toEqual({ 0: ['a', 'b'], 1: ['c', 'd'] });
  const [, , options] = request.mock.lastCall ?? [];
  const { query } = (options ?? {}) as { query?: object };
  expect(query).toMatchObject({ _q: 'word', sort: ['title:asc'], fields: ['documentId'], pagination: { page: 2 } });
  expect(query).not.toHaveProperty('populate');
});

test('no entry is skipped where those before it left the list meanwhile', async () => {
  // "a" was published, and the list is of drafts.
  stored = ['b', 'c', 'd', 'e'];
  const trail = trailOf({ 0: ['a', 'b'] }, 5);
  const longer = await extendTrail(news, trail, around(trail, 'b'), 1);
  expect(around(longer, 'b').ids).toEqual(['a', 'b', 'c']);
});

test('no entry comes twice where others were made before it meanwhile', async () => {
  stored = ['new', 'a', 'b', 'c', 'd'];
  const trail = trailOf({ 1: ['c', 'd'] }, 4);
  const longer = await extendTrail(news, trail, around(trail, 'c'), -1);
  expect(around(longer, 'c').ids).toEqual(['b', 'c', 'd']);
});

test('a list that has become shorter ends', async () => {
  stored = ['a', 'b'];
  const trail = trailOf({ 0: ['a', 'b'] }, 5);
  const same = await extendTrail(news, trail, around(trail, 'b'), 1);
  expect(goesOn(same, around(same, 'b'), 1)).toBe(false);
  expect(same.total).toBe(2);
});

test('a trail is of one person and one type, and is there after another load', () => {
  const trail = trailOf({ 0: ['a'] }, 1);
  keepTrail(1, news.uid, trail);
  expect(loadTrail(1, news.uid)).toEqual(trail);
  expect(loadTrail(2, news.uid)).toBeUndefined();
  expect(loadTrail(1, 'api::other.other')).toBeUndefined();
  storeTrail(1, news.uid);
  const text = sessionStorage.getItem(`cairn.trail.1.${news.uid}`) ?? '';
  sessionStorage.setItem('cairn.trail.9.api::stored.stored', text);
  expect(loadTrail(9, 'api::stored.stored')).toEqual(trail);
});

test.each(['', 'no json', '{}', '{"total":1,"pageSize":2,"pages":{"0":[1]}}', 'null'])(
  'stored nonsense is ignored: %s',
  (text) => {
    sessionStorage.setItem('cairn.trail.7.api::a.a', text);
    expect(loadTrail(7, 'api::a.a')).toBeUndefined();
  },
);

test('only pages of a list that have come are kept', () => {
  const list = { entries: [{ documentId: 'a' }], total: 1, states: {}, reviews: {} } as never;
  expect(
    pagesOf([
      [['content', 'x', 'entries', {}, 0], list],
      [['content', 'x', 'entries', {}, 1], undefined],
    ]),
  ).toEqual({
    0: ['a'],
  });
});

test('a beginning before which nothing is any more ends', async () => {
  stored = ['c', 'd'];
  const trail = trailOf({ 1: ['c', 'd'] }, 4);
  const longer = await extendTrail(news, trail, around(trail, 'c'), -1);
  expect(goesOn(longer, around(longer, 'c'), -1)).toBe(false);
});
