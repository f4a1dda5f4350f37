import { describe, expect, it } from 'vitest';
import { moveColumn, removeColumn, updateColumn } from './columnChanges';

const columns = [
  { field: 'title', width: 320, pinned: true },
  { field: 'slug', pinned: true },
  { field: 'topic' },
  { field: 'updatedAt' },
];
const fields = (of: readonly { field: string }[]): string => of.map(({ field }) => field).join(' ');

describe('changes of columns', () => {
  it('update one column and retain its other properties', () => {
    expect(updateColumn(columns, 'title', { width: 100 })[0]).toEqual({ field: 'title', width: 100, pinned: true });
    expect(updateColumn(columns, 'title', { width: 100 }).slice(1)).toEqual(columns.slice(1));
  });

  it('remove one column', () => {
    expect(fields(removeColumn(columns, 'topic'))).toBe('title slug updatedAt');
  });

  it('move a column before another or to the end', () => {
    expect(fields(moveColumn(columns, 'updatedAt', 'topic'))).toBe('title slug updatedAt topic');
    expect(fields(moveColumn(columns, 'topic', null))).toBe('title slug updatedAt topic');
  });

  it('pin a column that is moved among pinned ones, and unpin it among the others', () => {
    expect(moveColumn(columns, 'updatedAt', 'slug')[1]).toEqual({ field: 'updatedAt', pinned: true });
    expect(moveColumn(columns, 'title', 'updatedAt')[2]).toEqual({ field: 'title', width: 320, pinned: false });
    expect(moveColumn(columns, 'title', null)[3]).toEqual({ field: 'title', width: 320, pinned: true });
  });

  it('move nothing if there is no such column', () => {
    expect(moveColumn(columns, 'summary', null)).toBe(columns);
  });
});
