import { expect, test } from 'vitest';
import { attributeNameProblem, toAttributeName } from './names';

test.each([
  ['Body', 'body'],
  ['Cover', 'cover'],
  ['SEO', 'seo'],
  ['FAQ items', 'faqItems'],
  ['Reading level', 'readingLevel'],
  ['Café au lait', 'cafeAuLait'],
  ['happenedOn', 'happenedOn'],
  ['my_field-2', 'my_field-2'],
  [' body ', 'body'],
  ['', ''],
])('the name for “%s” is %s', (typed, name) => {
  expect(toAttributeName(typed)).toBe(name);
});

test('two words are no problem while they are typed', () => {
  for (const typed of ['R', 'Reading', 'Reading ', 'Reading l', 'Reading level'])
    expect(attributeNameProblem(toAttributeName(typed), []), typed).toBeUndefined();
});
