import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '@/api/editorial';
import { findOutdated, type LocaleHistory } from './findOutdated';

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
const history = (entries: HistoryEntry[], more: Partial<LocaleHistory> = {}): LocaleHistory => ({
  entries,
  truncated: false,
  isDefault: false,
  ...more,
});

describe('a translation', () => {
  const here = history([entry('10:00', ['title']), entry('09:00', ['title', 'body'], 'created')]);

  it('is outdated if its source was changed later', () => {
    const source = history([entry('11:00', ['body']), entry('08:00', ['title', 'body'], 'created')]);
    expect([...findOutdated(['title', 'body'], source, here).keys()]).toEqual(['body']);
  });

  it('is not outdated if the source was only published later, or if it was changed since', () => {
    const source = history([
      entry('12:00', ['title', 'body'], 'published'),
      entry('09:30', ['title']),
      entry('08:00', ['title', 'body'], 'created'),
    ]);
    expect(findOutdated(['title', 'body'], source, here).size).toBe(0);
  });

  it('ignores attributes that were never translated or not requested', () => {
    const source = history([entry('12:00', ['summary', 'title'])]);
    expect(findOutdated(['summary'], source, here).size).toBe(0);
  });

  it('is outdated if its source has a longer history than is listed', () => {
    const source = history([entry('11:00', ['body'])], { truncated: true });
    expect([...findOutdated(['title', 'body'], source, here).keys()]).toEqual(['body']);
  });
});

describe('a source', () => {
  const source = history([entry('09:00', ['title', 'body'], 'created')]);

  it('is not outdated by the translation that was made from it, however often that is changed', () => {
    const translation = history([entry('11:00', ['body']), entry('10:00', ['title', 'body'], 'created')]);
    expect(findOutdated(['title', 'body'], translation, source).size).toBe(0);
  });

  it('is each attribute for itself: what was added in the translation first is translated here', () => {
    const translation = history([
      entry('13:00', ['summary']),
      entry('11:00', ['summary']),
      entry('10:00', ['title'], 'created'),
    ]);
    const here = history([entry('12:00', ['summary']), ...source.entries]);
    expect([...findOutdated(['title', 'summary'], translation, here).keys()]).toEqual(['summary']);
  });

  it('is the default locale where the history does not tell which was first', () => {
    const at = [entry('11:00', ['title']), entry('08:00', [], 'baseline')];
    const here = [entry('10:00', ['title']), entry('08:00', [], 'baseline')];
    const names = ['title'];
    expect(findOutdated(names, history(at), history(here, { isDefault: true })).size).toBe(0);
    expect([...findOutdated(names, history(at, { isDefault: true }), history(here)).keys()]).toEqual(names);
  });
});
