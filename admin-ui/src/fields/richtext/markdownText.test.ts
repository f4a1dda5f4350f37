import { expect, it } from 'vitest';
import { toMarkdownText } from './markdownText';

it.each([
  ['She climbs the **two hundred and four steps**.', 'She climbs the two hundred and four steps.'],
  ['# The *last* keeper', 'The last keeper'],
  ['> 1. [x] **Done** and __well__', 'Done and well'],
  ['***Both*** and _**one in another**_', 'Both and one in another'],
  ['A [link](https://example.com/a_b "Title") and ![a lamp](/lamp.jpg)', 'A link and a lamp'],
  ['See <https://example.com/a> or <b>call</b>', 'See https://example.com/a or call'],
  ['Run `cairn serve`, ~~never~~ always', 'Run cairn serve, never always'],
  ['Title\n=====\nText\n\n---\nMore', 'Title\nText\n\nMore'],
  ['```js\nlet a;\n```', 'let a;'],
  ['| Day | First |\n| --- | :-: |\n| Monday | 06:30 |', 'Day   First  \n  Monday   06:30'],
])('shows %j without its marks', (source, text) => {
  expect(toMarkdownText(source)).toBe(text);
});

it.each([
  'snake_case_name',
  '2 * 3 * 4',
  'a < b and b > c',
  '#hashtag',
  'C# and F#',
  '5 - 3',
  '-5 degrees',
  '[note]',
  'a|b',
])('leaves %j as it is', (text) => {
  expect(toMarkdownText(text)).toBe(text);
});

it('shows characters that are escaped, and an unclosed mark', () => {
  expect(toMarkdownText(String.raw`\*not bold\*`)).toBe('*not bold*');
  expect(toMarkdownText('**half')).toBe('**half');
});

it('reads only the beginning of a long text', () => {
  const started = performance.now();
  expect(toMarkdownText('*a '.repeat(200_000)).length).toBeLessThan(1001);
  expect(toMarkdownText('[['.repeat(200_000)).length).toBeLessThan(1001);
  expect(performance.now() - started).toBeLessThan(1000);
});
