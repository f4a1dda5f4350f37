// @vitest-environment jsdom
import i18next from 'i18next';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { testModel } from '@/views/testModel';
import list from '@/i18n/en/list.json';
import { runBulk } from './bulk';
import { bulkResultText } from './bulkResultText';

const [type] = testModel.contentTypes;
if (!type) throw new Error('the model has types');

/** A server in a few lines: entries with a topic, some published; `m13` refuses every change. */
const topics = new Map<string, string>();
const published = new Set<string>();
const REFUSES = 'm13';
/** What writes say that they are part of. */
const batches: (string | null)[] = [];

function answer(path: string, query: URLSearchParams, body: Record<string, unknown>): unknown {
  if (path.endsWith('/bulk/update')) {
    const { topic } = body.data as { topic: string };
    return (body.documentIds as string[]).map((documentId) => {
      if (documentId === REFUSES) return { documentId, done: false, error: { message: 'not this one', details: {} } };
      topics.set(documentId, topic);
      return { documentId, done: true };
    });
  }
  if (path.endsWith('/actions/publish') || path.endsWith('/actions/unpublish')) {
    return (body.documentIds as string[]).map((documentId) => {
      if (path.endsWith('/actions/publish')) published.add(documentId);
      else published.delete(documentId);
      return { documentId, done: true };
    });
  }
  const asked = [...query].filter(([name]) => name.startsWith('filters[documentId][$in]')).map(([, id]) => id);
  return asked.map((documentId) => ({ documentId, topic: topics.get(documentId) }));
}

beforeEach(() => {
  topics.clear();
  published.clear();
  batches.length = 0;
  vi.stubGlobal(
    'fetch',
    vi.fn(async (request: Request) => {
      const url = new URL(request.url);
      if (request.method !== 'GET') batches.push(request.headers.get('Cairn-Batch'));
      const text = await request.text();
      const data = answer(
        url.pathname,
        url.searchParams,
        text ? (JSON.parse(text) as Record<string, unknown>) : {},
      ) as { documentId: string }[];
      const states = Object.fromEntries(
        data.map(({ documentId }) => [
          documentId,
          { status: published.has(documentId) ? 'published' : 'draft', locales: [] },
        ]),
      );
      return Response.json({ data, meta: { states } });
    }),
  );
});

const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => `m${n}`);

describe('bulk actions', () => {
  it('undo restores each previous value; failed documents are reported', async () => {
    ids(120).forEach((id, n) => topics.set(id, n % 2 ? 'news' : 'people'));
    const before = new Map(topics);
    const seen: number[] = [];
    const result = await runBulk({ kind: 'edit', field: 'topic', value: 'tech' }, ids(120), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: (done) => seen.push(done),
    });
    expect(result).toMatchObject({
      total: 120,
      done: 119,
      cancelled: false,
      failures: [{ documentId: REFUSES, message: 'not this one' }],
    });
    expect(seen).toEqual([50, 100, 120]);
    expect([...topics.values()].filter((topic) => topic === 'tech')).toHaveLength(119);
    for (const step of result.undo) await step();
    expect(topics).toEqual(before);
    // One thing to whoever hears of it, with what took it back; the next is another.
    expect(batches.length).toBeGreaterThan(3);
    expect(new Set(batches).size).toBe(1);
    expect(batches[0]).toMatch(/^[0-9a-f]{24}$/);
    await runBulk({ kind: 'publish' }, ids(1), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(new Set(batches).size).toBe(2);
  });

  it('can be cancelled between requests, and undone up to there', async () => {
    ids(200).forEach((id) => topics.set(id, 'news'));
    const stop = new AbortController();
    const result = await runBulk({ kind: 'edit', field: 'topic', value: 'tech' }, ids(200), {
      type,
      locale: undefined,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(result).toMatchObject({ done: 49, cancelled: true });
    expect([...topics.values()].filter((topic) => topic === 'tech')).toHaveLength(49);
    for (const step of result.undo) await step();
    expect(new Set(topics.values())).toEqual(new Set(['news']));
  });

  it('undo unpublishes only what was published by the action', async () => {
    published.add('m0');
    const result = await runBulk({ kind: 'publish' }, ids(3), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    expect(result).toMatchObject({ total: 3, done: 2, unchanged: 1, cancelled: false, final: 0 });
    expect(published).toEqual(new Set(['m0', 'm1', 'm2']));
    for (const step of result.undo) await step();
    expect(published).toEqual(new Set(['m0']));
  });

  it('count what was so already apart from what they changed', async () => {
    for (const id of ids(9)) published.add(id);
    const result = await runBulk({ kind: 'publish' }, ids(10), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    const t = await i18next.init({ lng: 'en', ns: ['list'], defaultNS: 'list', resources: { en: { list } } });
    expect(bulkResultText(t, result)).toBe('1 entry published. 9 had no changes to publish.');
    const again = await runBulk({ kind: 'publish' }, ids(2), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    expect(bulkResultText(t, again)).toBe('2 had no changes to publish.');
    const unpublished = await runBulk({ kind: 'unpublish' }, ids(11), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    expect(bulkResultText(t, unpublished)).toBe('10 entries unpublished. 1 wasn’t published.');
  });

  it('continue after a failed request, and count its documents as failed', async () => {
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError('the network is away'));
    const result = await runBulk({ kind: 'publish' }, ids(60), {
      type,
      locale: undefined,
      signal: new AbortController().signal,
      onProgress: () => {},
    });
    expect(result).toMatchObject({ done: 10, cancelled: false });
    expect(result.failures).toHaveLength(50);
  });
});
