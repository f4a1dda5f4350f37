import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '@/api/editorial';
import { findOutdated } from './findOutdated';

let id = 100;
const entry = (at: string, changed: string[], action = 'updated'): HistoryEntry => ({
  id: (id -= 1),
  type: 'api::a.a',
  documentId: 'one',
  locale: 'en',
  action,
  status: 'draft',
  version: 1,
  autosave: false,
  at: `2026-01-01T${at}:00Z`,
  actor: { kind: 'admin', id: '1', name: 'Anna' },
  changed,
  note: null,
});

describe('a translation', () => {
  const here = [entry('10:00', ['title']), entry('09:00', ['title', 'body'], 'created')];

  it('is outdated if its source was changed later', () => {
    const source = [entry('11:00', ['body']), entry('08:00', ['title', 'body'], 'created')];
    expect([...findOutdated(['title', 'body'], source, here).keys()]).toEqual(['body']);
  });

  it('is not outdated if the source was only published later, or if it was changed since', () => {
    const source = [entry('12:00', ['title', 'body'], 'published'), entry('09:30', ['title'])];
    expect(findOutdated(['title', 'body'], source, here).size).toBe(0);
  });

  it('ignores attributes that were never translated or not requested', () => {
    const source = [entry('12:00', ['summary', 'title'])];
    expect(findOutdated(['summary'], source, here).size).toBe(0);
  });
});
