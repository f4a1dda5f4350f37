import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '@/api/editorial';
import { outOfDate } from './outOfDate';

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

  it('is out of date where its source was written later', () => {
    const source = [entry('11:00', ['body']), entry('08:00', ['title', 'body'], 'created')];
    expect([...outOfDate(['title', 'body'], source, here).keys()]).toEqual(['body']);
  });

  it('is not where only publishing came later, or where it was written since', () => {
    const source = [entry('12:00', ['title', 'body'], 'published'), entry('09:30', ['title'])];
    expect(outOfDate(['title', 'body'], source, here).size).toBe(0);
  });

  it('says nothing of what was never written here, or of what it is not asked about', () => {
    const source = [entry('12:00', ['summary', 'title'])];
    expect(outOfDate(['summary'], source, here).size).toBe(0);
  });
});
