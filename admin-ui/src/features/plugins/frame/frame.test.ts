// @vitest-environment jsdom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterEach, describe, expect, it, test, vi } from 'vitest';
import type { ContentType, Model } from '@/api/model';
import type { PluginView } from '@/api/pluginViews';
import { handleRequest, type KitDeps, routePath } from './kitHost';
import { isHello, KIT_LINE, KitError, readRequest, Throttle, transferables } from './protocol';
import { readableValues, toReadQuery } from './readQuery';

const KIT = join(import.meta.dirname, '../../../../../plugins/kit');

test('the kit is built from its source and has this protocol version', () => {
  const source = readFileSync(join(KIT, 'cairn-kit.ts'), 'utf8');
  const options = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.None,
    moduleDetection: ts.ModuleDetectionKind.Legacy,
    strict: true,
  };
  expect(readFileSync(join(KIT, 'cairn-kit.js'), 'utf8').trim(), 'run `npm run kit`').toBe(
    ts.transpileModule(source, { compilerOptions: options }).outputText.trim(),
  );
  expect(source).toContain(`const LINE = ${KIT_LINE};`);
});

describe('messages from a frame', () => {
  it('start with the nonce of its address', () => {
    expect(isHello({ cairn: 1, hello: 'n' }, 'n')).toBe(true);
    for (const data of [null, 'n', { cairn: 1, hello: 'm' }, { cairn: 2, hello: 'n' }, { hello: 'n' }, [1]])
      expect(isHello(data, 'n')).toBe(false);
  });

  it('that are not requests are ignored', () => {
    for (const data of [
      null,
      1,
      {},
      { id: 'a', do: 'read' },
      { id: 1, do: 'eval' },
      { id: 1, do: 'constructor' },
      { id: 1, do: 'read', with: [] },
    ]) {
      expect(readRequest(data)).toBeUndefined();
    }
    expect(readRequest({ id: 1, do: 'read' })).toEqual({ id: 1, do: 'read', with: {} });
  });

  it('that cannot be parsed are refused', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    for (const given of [circle, { x: 1n }, { x: 'y'.repeat(2_000_000) }]) {
      expect(readRequest({ id: 1, do: 'field.set', with: given })).toMatchObject({
        id: 1,
        refused: { code: 'invalid' },
      });
    }
  });

  it('are throttled', async () => {
    let now = 0;
    const throttle = new Throttle(1, 2, 1000, () => now);
    const never = throttle.run(() => new Promise<void>(() => {}));
    await expect(throttle.run(async () => 1)).rejects.toBeInstanceOf(KitError);
    void never;
    const other = new Throttle(5, 2, 1000, () => now);
    await other.run(async () => 1);
    await other.run(async () => 1);
    await expect(other.run(async () => 1)).rejects.toMatchObject({ code: 'busy' });
    now = 2000;
    expect(await other.run(async () => 1)).toBe(1);
  });
});

test('bytes in an answer are handed over', () => {
  const body = new ArrayBuffer(4);
  expect(transferables({ status: 200, body, type: 'application/pdf', name: null })).toEqual([body]);
  for (const answer of [null, 1, 'x', [body], { body: 'x' }]) expect(transferables(answer)).toEqual([]);
});

test('a route that answers too much is refused to the frame', async () => {
  const headers = { 'Content-Type': 'application/pdf', 'Content-Length': String(16 * 1024 * 1024 + 1) };
  vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response('%PDF', { headers }));
  const deps = { view: { plugin: 'crm' } } as unknown as KitDeps;
  const called = handleRequest({ id: 1, do: 'call', with: { path: '/export' } }, deps);
  await expect(called).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining('more than 16 MiB') });
  vi.restoreAllMocks();
});

describe('watching types', () => {
  const watched: (readonly string[])[] = [];
  const watch = (params: Record<string, unknown>) =>
    handleRequest({ id: 1, do: 'watch', with: params }, {
      view: {
        plugin: 'crm',
        reads: { 'api::page.page': null, 'api::person.person': ['name'] },
      } as unknown as PluginView,
      watch: (types: readonly string[]) => watched.push(types),
    } as unknown as KitDeps);
  afterEach(() => void watched.splice(0));

  it('is for types of which the plugin may read something', async () => {
    const types = ['plugin::crm.deal', 'api::page.page', 'api::page.page', 'plugin::hr.salary', 'api::person.person'];
    const granted = ['plugin::crm.deal', 'api::page.page', 'api::person.person'];
    expect(await watch({ types })).toEqual(granted);
    expect(await watch({ types: ['toString', '__proto__', 'plugin::crmx.deal', '*'] })).toEqual([]);
    expect(await watch({ types: [] })).toEqual([]);
    // Each replaces what was watched before: there is never more than one list.
    expect(watched).toEqual([granted, [], []]);
  });

  it.each([
    {},
    { types: null },
    { types: 'plugin::crm.deal' },
    { types: { length: 1, 0: 'plugin::crm.deal' } },
    { types: [null] },
    { types: [['plugin::crm.deal']] },
    { types: [''] },
    { types: ['x'.repeat(151)] },
    { types: Array.from({ length: 21 }, (_, at) => `plugin::crm.t${at}`) },
    { types: Array.from({ length: 10_000 }, () => 'plugin::crm.deal') },
  ])('refuses %j', async (params) => {
    await expect(watch(params)).rejects.toMatchObject({ code: 'invalid' });
    expect(watched).toEqual([]);
  });
});

test('a frame can call only routes of its own plugin', () => {
  expect(routePath('crm', '/deals/open?page=2')).toBe('/admin/api/plugin-routes/crm/deals/open?page=2');
  for (const path of [
    '',
    'deals',
    '//evil.example/x',
    '/../upload',
    '/a/../../upload',
    '/%2e%2e/upload',
    '/..%2fupload',
    '/\\evil',
    3,
    null,
  ])
    expect(() => routePath('crm', path), String(path)).toThrow(KitError);
});

const type = (uid: string, attributes: Record<string, unknown>): ContentType =>
  ({ uid, attributes, kind: 'collectionType' }) as unknown as ContentType;

describe('queries from a frame', () => {
  const model = {
    contentTypes: [
      type('plugin::crm.deal', {
        stage: { type: 'string' },
        customer: { type: 'relation', target: 'api::customer.customer' },
        secretary: { type: 'relation', target: 'api::person.person' },
        owner: { type: 'relation', target: 'plugin::crm.owner' },
      }),
      type('plugin::crm.owner', { name: { type: 'string' } }),
      type('api::customer.customer', { name: { type: 'string' }, income: { type: 'integer' } }),
      type('api::person.person', { name: { type: 'string' } }),
    ],
    components: [],
  } as unknown as Model;
  const reads = { 'api::customer.customer': ['name'] };
  const ask = (query: Record<string, unknown>) => toReadQuery(query, 'crm', reads, model).query;

  it("read the plugin's own types, and others as granted", () => {
    expect(
      ask({
        type: 'plugin::crm.deal',
        filters: { stage: { $ne: 'won' }, customer: { name: { $eq: 'x' } } },
        populate: ['owner'],
        sort: 'stage:asc',
      }),
    ).toMatchObject({ sort: ['stage:asc'], populate: ['owner'] });
    expect(ask({ type: 'api::customer.customer' })).toMatchObject({ fields: ['name'] });
  });

  it.each([
    { type: 'api::person.person' },
    { type: 'api::nothing.there' },
    { type: 'api::customer.customer', fields: ['income'] },
    { type: 'api::customer.customer', sort: 'income:asc' },
    { type: 'api::customer.customer', filters: { $or: [{ name: { $eq: 'x' } }, { $not: { income: { $gt: 5 } } }] } },
    { type: 'api::customer.customer', search: 'x' },
    { type: 'plugin::crm.deal', filters: { customer: { income: { $gt: 5 } } } },
    { type: 'plugin::crm.deal', filters: { secretary: { name: { $startsWith: 'a' } } } },
    { type: 'plugin::crm.deal', sort: 'secretary.name:asc' },
    { type: 'plugin::crm.deal', populate: ['customer'] },
    { type: 'plugin::crm.deal', populate: '*' },
    { type: 'plugin::crm.deal', pagination: { pageSize: 100_000 } },
    { type: 'plugin::crm.deal', raw: 'select' },
  ])('refuse %j', (query) => {
    expect(() => ask(query)).toThrow(KitError);
  });

  it('exclude private fields of a granted type', () => {
    const salary = type('api::person.person', {
      name: { type: 'string' },
      photo: { type: 'media' },
      salary: { type: 'integer', private: true },
    });
    const deal = type('plugin::crm.deal', { secretary: { type: 'relation', target: 'api::person.person' } });
    const of = (query: Record<string, unknown>) =>
      toReadQuery(query, 'crm', { 'api::person.person': null }, {
        contentTypes: [salary, deal],
        components: [],
      } as unknown as Model).query;
    expect(of({ type: 'api::person.person', sort: 'name:asc', populate: 'photo' })).toMatchObject({
      fields: ['name'],
      populate: ['photo'],
    });
    for (const query of [
      { fields: ['salary'] },
      { sort: 'salary' },
      { filters: { salary: { $gt: 5 } } },
      { search: '5' },
    ]) {
      expect(() => of({ type: 'api::person.person', ...query }), JSON.stringify(query)).toThrow(KitError);
    }
    expect(() => of({ type: 'plugin::crm.deal', populate: 'secretary' })).toThrow(KitError);
    expect(() => of({ type: 'plugin::crm.deal', filters: { secretary: { salary: { $gt: 5 } } } })).toThrow(KitError);
  });

  it('read the granted fields of an open form', () => {
    expect(readableValues({ name: 'x', income: 3 }, 'crm', reads, type('api::customer.customer', {}))).toEqual({
      name: 'x',
    });
    expect(readableValues({ a: 1 }, 'crm', reads, type('plugin::crm.deal', { a: { private: true } }))).toEqual({
      a: 1,
    });
    expect(readableValues({ a: 1 }, 'crm', reads, type('api::person.person', {}))).toBeUndefined();
    expect(
      readableValues(
        { a: 1, b: 2 },
        'crm',
        { 'api::person.person': null },
        type('api::person.person', { a: {}, b: { private: true } }),
      ),
    ).toEqual({ a: 1 });
  });
});
