import { expect, it } from 'vitest';
import type { AssetDetail } from '@/api/assets';
import { changesOf, readDetails } from './assetChanges';

const file = {
  name: 'heron.png',
  folder: { id: 3 },
  tags: ['birds'],
  private: false,
  texts: { en: { alternativeText: 'A heron', caption: null } },
} as unknown as AssetDetail;

it('sends of a file what was changed, and nothing else', () => {
  const edited = readDetails(file);
  expect(changesOf(file, edited)).toEqual({});
  const texts = { ...edited.texts, nl: { alternativeText: null, caption: null } };
  // A language that was looked at and left empty.
  expect(changesOf(file, { ...edited, texts })).toEqual({});
  // A name that was emptied is none.
  expect(changesOf(file, { ...edited, name: ' ' })).toEqual({});
  const heron = { alternativeText: 'A grey heron', caption: null };
  expect(changesOf(file, { ...edited, folder: 0, texts: { en: heron } })).toEqual({ folder: 0, texts: { en: heron } });
});
