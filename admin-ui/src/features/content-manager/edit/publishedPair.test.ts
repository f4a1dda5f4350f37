import { afterEach, describe, expect, it, vi } from 'vitest';
import type { HistoryEntry } from '@/api/editorial';
import { findPublishedPair } from './publishedPair';

const listHistory = vi.hoisted(() => vi.fn());
vi.mock('@/api/editorial', () => ({ listHistory }));

const entry = (id: number, action: string, status: string) => ({ id, action, status }) as HistoryEntry;
const subject = { uid: 'api::article.article', documentId: 'd1' };

afterEach(() => listHistory.mockReset());

describe('the version that readers see', () => {
  it('is the save that published at once, as over the API', async () => {
    const entries = [entry(2, 'updated', 'draft'), entry(1, 'created', 'published')];
    listHistory.mockResolvedValueOnce({ entries, before: null });
    const pair = await findPublishedPair(subject);
    expect([pair?.from.id, pair?.to.id]).toEqual([1, 2]);
  });

  it('is found behind many saves since', async () => {
    const saves = Array.from({ length: 100 }, (_, i) => entry(200 - i, 'updated', 'draft'));
    listHistory
      .mockResolvedValueOnce({ entries: saves, before: 101 })
      .mockResolvedValueOnce({ entries: [entry(100, 'published', 'published')], before: null });
    const pair = await findPublishedPair(subject);
    expect([pair?.from.id, pair?.to.id]).toEqual([100, 200]);
    expect(listHistory.mock.calls.map(([, before]) => before)).toEqual([undefined, 101]);
  });

  it('is unknown when the history no longer has it', async () => {
    listHistory.mockResolvedValueOnce({ entries: [entry(1, 'updated', 'draft')], before: null });
    expect(await findPublishedPair(subject)).toBeNull();
  });
});
