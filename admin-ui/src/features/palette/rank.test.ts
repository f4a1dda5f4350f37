import { expect, test } from 'vitest';
import type { PaletteItem } from './items';
import { matchScore } from './match';
import { MAX_RESULTS, rankItems } from './rank';

const item = (title: string, kind?: string): PaletteItem => ({
  id: title,
  group: 'Go to',
  title,
  ...(kind ? { kind } : {}),
});

test('the best come first, and of a kind of which there are many only the best few', () => {
  const many = Array.from({ length: 30 }, (_, at) => item(`A new type ${at}`, 'new'));
  const ranked = rankItems('new', [item('Other'), ...many, item('New view')], matchScore);
  expect(ranked[0]?.title).toBe('New view');
  expect(ranked).toHaveLength(MAX_RESULTS + 1);
});
