import { expect, test } from 'vitest';
import { carried, filesOf } from './dragged';

test('a selected file takes the others along, another one goes alone', () => {
  const selected = new Set(['a', 'b']);
  expect(filesOf(carried('a', selected))).toEqual(['a', 'b']);
  expect(filesOf(carried('c', selected))).toEqual(['c']);
});

test('something else that is dragged is no file', () => {
  expect(filesOf({ dayItem: 'x' })).toEqual([]);
});
