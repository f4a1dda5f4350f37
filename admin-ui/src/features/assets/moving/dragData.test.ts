import { expect, test } from 'vitest';
import { dragData, draggedFiles } from './dragData';

test('dragging a selected file drags the selection; another file is dragged alone', () => {
  const selected = new Set(['a', 'b']);
  expect(draggedFiles(dragData('a', selected))).toEqual(['a', 'b']);
  expect(draggedFiles(dragData('c', selected))).toEqual(['c']);
});

test('other drag data contains no files', () => {
  expect(draggedFiles({ dayItem: 'x' })).toEqual([]);
});
