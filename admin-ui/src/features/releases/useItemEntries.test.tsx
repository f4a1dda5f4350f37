import { expect, it } from 'vitest';
import { questionsOf } from './useItemEntries';

const item = (documentId: string, locale: string | null = 'en') => ({
  contentType: 'api::news.news',
  documentId,
  locale,
});

it('asks once for each type and language, and for no entry twice', () => {
  const questions = questionsOf([item('a'), item('b'), item('a'), item('a', 'nl'), item('a', null)]);
  expect(questions.map(({ locale, ids }) => [locale, ids])).toEqual([
    ['en', ['a', 'b']],
    ['nl', ['a']],
    [null, ['a']],
  ]);
});

it('asks for every entry of a large release', () => {
  const all = Array.from({ length: 250 }, (_, at) => `d${at}`);
  const questions = questionsOf(all.map((id) => item(id)));
  expect(questions.map(({ ids }) => ids.length)).toEqual([100, 100, 50]);
  expect(questions.flatMap(({ ids }) => ids)).toEqual(all);
});
