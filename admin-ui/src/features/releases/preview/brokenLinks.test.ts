import { expect, it } from 'vitest';
import type { CheckedItem } from '@/api/releases';
import { countFindings, type MissingEntry, missingByItem } from './brokenLinks';

const missing = (documentId: string, item: number, state: MissingEntry['state']): MissingEntry => ({
  contentType: 'api::page.page',
  documentId,
  locale: null,
  state,
  linkedBy: { item, attribute: 'related' },
});

const item = (problems: unknown[]) => ({ problems }) as CheckedItem;

it('lists what each item links to', () => {
  const byItem = missingByItem([
    missing('a', 1, 'unpublished'),
    missing('b', 2, 'modified'),
    missing('c', 1, 'modified'),
  ]);
  expect(byItem.get(1)?.map(({ documentId }) => documentId)).toEqual(['a', 'c']);
  expect(byItem.get(2)).toHaveLength(1);
  expect(byItem.get(3)).toBeUndefined();
});

it('counts a link as broken where readers find nothing at all', () => {
  const findings = countFindings({
    items: [item([]), item([{ message: 'slug is required' }])],
    suggestions: [missing('a', 1, 'unpublished'), missing('b', 2, 'modified')],
  });
  expect(findings).toEqual({ invalid: 1, broken: 1 });
});
