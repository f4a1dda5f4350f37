import { describe, expect, it } from 'vitest';
import type { Colleague } from '@/api/users';
import { askedAt, matching, partsOf, withMention } from './mentions';

const person = (id: number, name: string, active = true): Colleague => ({
  id,
  name,
  email: `${name.split(' ')[0]?.toLowerCase()}@example.com`,
  roles: [],
  active,
});
const people = [person(1, 'José Blom'), person(2, 'Anna Visser'), person(3, 'Jan Oud', false)];

describe('mentions', () => {
  it('are asked for by an @ that begins a word, up to the caret', () => {
    expect(askedAt('@', 1)).toBe('');
    expect(askedAt('see @an now', 7)).toBe('an');
    expect(askedAt('mail me@example', 15)).toBeNull();
    expect(askedAt('@anna and', 9)).toBeNull();
  });

  it('take the place of what was typed', () => {
    expect(withMention('see @an now', 7, 'anna@example.com')).toEqual({
      text: 'see @[anna@example.com]  now',
      caret: 24,
    });
  });

  it('are offered by the words of a name, without its accents, and only of people who are there', () => {
    expect(matching(people, 'jos').map(({ id }) => id)).toEqual([1]);
    expect(matching(people, 'vis').map(({ id }) => id)).toEqual([2]);
    expect(matching(people, 'jan')).toEqual([]);
    expect(matching(people, '')).toHaveLength(2);
  });

  it('are read by name; nobody stays as written', () => {
    expect(partsOf('@[anna@example.com] and @[nobody@example.com], @[1]', people).map(({ text }) => text)).toEqual([
      '@Anna Visser',
      ' and ',
      '@[nobody@example.com]',
      ', ',
      '@José Blom',
    ]);
  });
});
