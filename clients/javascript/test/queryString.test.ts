import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { toQueryString } from '../src/index.js';

/** Decodes what is between the brackets and equal signs, to compare it as people write it. */
const written = (query: object) => decodeURIComponent(toQueryString(query));

test('queries are written with brackets and indexes', () => {
  const query = {
    filters: { title: { $containsi: 'a b&c=d+e#f' }, $or: [{ rating: { $gt: 3 } }, { author: { name: 'Ann' } }] },
    populate: ['author', 'cover.related'],
    pagination: { page: 2, pageSize: 10, withCount: false },
    sort: 'title:asc',
    locale: undefined,
  };
  assert.equal(
    written(query),
    'filters[title][$containsi]=a b&c=d+e#f&filters[$or][0][rating][$gt]=3&filters[$or][1][author][name]=Ann&populate[0]=author' +
      '&populate[1]=cover.related&pagination[page]=2&pagination[pageSize]=10&pagination[withCount]=false&sort=title:asc',
  );
  assert.match(toQueryString(query), /=a%20b%26c%3Dd%2Be%23f&/);
  assert.equal(toQueryString({}), '');
  assert.equal(toQueryString({ populate: [], fields: {}, _q: '' }), '_q=');
  assert.equal(toQueryString({ a: [undefined, 'x', undefined, 'y'] }), 'a[0]=x&a[1]=y');
});

test('dates, large numbers and objects of other windows are written', () => {
  assert.equal(written({ a: new Date('2024-06-01T10:00:00Z') }), 'a=2024-06-01T10:00:00.000Z');
  assert.equal(toQueryString({ a: 1e21, b: 2n ** 70n, c: -0.5 }), 'a=1e%2B21&b=1180591620717411303424&c=-0.5');
  const foreign = runInContext('({ a: { b: [new Date(0)] } })', createContext()) as object;
  assert.equal(written(foreign), 'a[b][0]=1970-01-01T00:00:00.000Z');
  assert.equal(toQueryString(Object.assign(Object.create(null) as object, { a: 1 })), 'a=1');
  assert.equal(toQueryString(JSON.parse('{ "__proto__": { "x": 1 } }') as object), '__proto__[x]=1');
});

test('null in filters is $null and $notNull', () => {
  assert.equal(
    written({ filters: { day: null, author: { $ne: null }, title: { $eq: null } } }),
    'filters[day][$null]=true&filters[author][$notNull]=true&filters[title][$null]=true',
  );
  assert.equal(written({ populate: { tags: { filters: { name: null } } } }), 'populate[tags][filters][name][$null]=true');
  assert.equal(written({ a: null }), 'a=');
  assert.throws(() => toQueryString({ filters: { a: { $gt: null } } }), /filters\.a\.\$gt: null cannot be compared/);
  assert.throws(() => toQueryString({ filters: { a: { $in: ['x', null] } } }), /filters\.a\.\$in\[1\]: null cannot be in a list/);
});

test('an empty list of values matches nothing, and is not left out', () => {
  const never = (name: string) => `filters[${name}][$null]=true&filters[${name}][$notNull]=true`;
  assert.equal(written({ filters: { a: { $in: [], $gt: 3 } } }), never('a'));
  assert.equal(written({ filters: { a: [] } }), never('a'));
  assert.equal(written({ filters: { a: { $notIn: [], $gt: 3 } } }), 'filters[a][$gt]=3');
  assert.equal(written({ filters: { a: { $notIn: [] } } }), 'filters[a][$not][$null]=true&filters[a][$not][$notNull]=true');
  assert.throws(() => toQueryString({ filters: { $or: [] } }), /filters\.\$or: the list is empty/);
});

test('names and values that would be read as something else are refused', () => {
  for (const name of ['a][$or', 'a[b]', 'a]', '[', '']) {
    assert.throws(() => toQueryString({ filters: { [name]: 1 } }), TypeError, name);
    assert.throws(() => toQueryString({ [name]: 1 }), TypeError, name);
  }
  for (const value of [() => 1, Symbol('x'), new Map([['a', 1]]), new Set([1]), /x/, NaN, Infinity, new Date(NaN), new URL('http://a.b')]) {
    assert.throws(() => toQueryString({ a: { b: value } }), /^TypeError: a\.b: .* cannot be sent in a query$/);
  }
  assert.throws(() => toQueryString({ a: '\ud800' }), /half a character/);
  assert.throws(() => toQueryString({ '\udc00': 1 }), /half a character/);
  // A name and a value that would end the parameter.
  assert.equal(toQueryString({ 'a&b=c': 'd&e=f' }), 'a%26b%3Dc=d%26e%3Df');
});

test('queries without end are refused', () => {
  const loop: { a?: object } = {};
  loop.a = loop;
  assert.throws(() => toQueryString(loop), /nested more than 40 levels deep/);
  assert.throws(() => toQueryString({ filters: loop }), /nested more than 40 levels deep/);
  const list: unknown[] = [];
  list.push(list);
  assert.throws(() => toQueryString({ list }), /nested more than 40 levels deep/);
  assert.throws(() => toQueryString({ filters: { $and: list } }), /nested more than 40 levels deep/);
});
