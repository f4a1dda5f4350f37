import { describe, expect, it } from 'vitest';
import type { Colleague } from '@/api/users';
import { mentionQueryAt, matchPeople, plainMentions, splitMentions, withMention } from './mentions';

const person = (id: number, name: string, active = true): Colleague => ({
  id,
  name,
  email: `${name.split(' ')[0]?.toLowerCase()}@example.com`,
  roles: [],
  active,
});
const people = [person(1, 'José Blom'), person(2, 'Anna Visser'), person(3, 'Jan Oud', false)];

describe('mentions', () => {
  it('start with an @ at the beginning of a word and end at the caret', () => {
    expect(mentionQueryAt('@', 1)).toBe('');
    expect(mentionQueryAt('see @an now', 7)).toBe('an');
    expect(mentionQueryAt('mail me@example', 15)).toBeNull();
    expect(mentionQueryAt('@anna and', 9)).toBeNull();
  });

  it('replace the typed text', () => {
    expect(withMention('see @an now', 7, 'anna@example.com')).toEqual({
      text: 'see @[anna@example.com]  now',
      caret: 24,
    });
  });

  it('are suggested by words of a name, ignoring accents, for active people only', () => {
    expect(matchPeople(people, 'jos').map(({ id }) => id)).toEqual([1]);
    expect(matchPeople(people, 'vis').map(({ id }) => id)).toEqual([2]);
    expect(matchPeople(people, 'jan')).toEqual([]);
    expect(matchPeople(people, '')).toHaveLength(2);
  });

  it('are shown by name; unknown addresses stay as written', () => {
    expect(
      splitMentions('@[anna@example.com] and @[nobody@example.com], @[1]', people).map(({ text }) => text),
    ).toEqual(['@Anna Visser', ' and ', '@[nobody@example.com]', ', ', '@José Blom']);
  });

  it('are words in a line about a comment, without their code', () => {
    expect(plainMentions('@[anna@example.com] please, @[gone@example.com]', people)).toBe(
      '@Anna Visser please, @gone@example.com',
    );
    expect(plainMentions('cut off at @[anna@exa', people)).toBe('cut off at …');
    expect(plainMentions('plain', people)).toBe('plain');
  });
});
