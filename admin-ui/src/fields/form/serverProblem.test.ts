import { describe, expect, it } from 'vitest';
import { readServerProblem } from './serverProblem';

describe('sentences of the server about values', () => {
  it.each([
    ['name must be defined.', { key: 'required' }],
    ['sections[1].text must be a `string` type, but the final value was: `null`.', { key: 'required' }],
    ['stars must be a `number` type, but the final value was: `NaN`.', { key: 'required' }],
    ['tags must be an `array` type, but the final value was: `"x"`.', { key: 'wrongKind' }],
    [
      'pages must be a `number` type, but the final value was: `NaN` (cast from the value `"abc"`).',
      { key: 'notANumber' },
    ],
    ['contact cannot be empty', { key: 'required' }],
    ['name must be at least 2 characters', { key: 'minLength', params: { min: '2' } }],
    ['title must be at most 120 characters', { key: 'maxLength', params: { max: '120' } }],
    ['pages must be greater than or equal to 1', { key: 'tooSmall', params: { min: '1' } }],
    ['pages must be less than or equal to 0.5', { key: 'tooLarge', params: { max: '0.5' } }],
    ['isbn must match the following: "/^[0-9-]{5,20}$/"', { key: 'pattern', params: { pattern: '/^[0-9-]{5,20}$/' } }],
    ['slug must match the following: "/^[A-Za-z0-9-_.~]*$/"', { key: 'notUid' }],
    ['This attribute must be unique', { key: 'unique' }],
    [
      'format must be one of the following values: hardcover, ebook, ',
      { key: 'notOneOf', params: { values: 'hardcover, ebook' } },
    ],
    ['format must be one of the following values: a, b', { key: 'notOneOf', params: { values: 'a, b' } }],
    ['contact must be a valid email', { key: 'notAnEmail' }],
    ['pages must be an integer', { key: 'notAnInteger' }],
    ['copies must be a valid integer', { key: 'notAnInteger' }],
    ['links field must have less than or equal to 4 items', { key: 'maxItems', params: { max: '4' } }],
    ['links field must have at least 2 items', { key: 'minItems', params: { min: '2' } }],
    ['Only the owner can publish this.', null],
  ])('%s', (message, problem) => {
    expect(readServerProblem(message)).toEqual(problem);
  });
});
