import { expect, test } from 'vitest';
import { groupTypes } from './groupTypes';
import { typeOf } from '@/test/typeOf';

const news = typeOf('News');
const home = typeOf('Home', { kind: 'singleType' });
const faq = typeOf('FAQ');
const secret = typeOf('Secret', { find: false });

const namesOf = (...args: Parameters<typeof groupTypes>) =>
  groupTypes(...args).map(({ id, types }) => [id, ...types.map(({ info }) => info.displayName)]);

test('types stand by kind, and those that may not be read are left out', () => {
  expect(namesOf([news, home, faq, secret], [])).toEqual([
    ['collections', 'News', 'FAQ'],
    ['singles', 'Home'],
  ]);
});

test('pinned types stand on top in the order of pinning, once; pins of types that are gone are ignored', () => {
  expect(namesOf([news, home, faq, secret], [home.uid, 'api::gone.gone', faq.uid, secret.uid])).toEqual([
    ['pinned', 'Home', 'FAQ'],
    ['collections', 'News'],
  ]);
});

test('all words of the filter must be in the name', () => {
  expect(namesOf([news, home, faq], [faq.uid], 'ne WS')).toEqual([['collections', 'News']]);
  expect(namesOf([news, home, faq], [faq.uid], 'fa')).toEqual([['pinned', 'FAQ']]);
  expect(namesOf([news, home, faq], [], 'nothing')).toEqual([]);
});
