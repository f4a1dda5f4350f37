import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { themeOf, TYPE_SCALE } from './theme';

const SOURCES = join(import.meta.dirname, '..');

/** What is drawn to a scale of its own: the diagram, in units of its drawing, and the days of a whole year. */
const OTHER_SIZES = ['content-type-builder/Builder.module.css', 'working-calendars/YearGrid.module.css'];

function filesThatEndIn(ending: string): { path: string; text: string }[] {
  return readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.includes('.test.'))
    .map((path) => ({ path, text: readFileSync(join(SOURCES, path), 'utf8') }));
}

/** Every match of `found` that `allowed` does not match, with its file. */
function strays(ending: string, found: RegExp, allowed: RegExp): string[] {
  return filesThatEndIn(ending).flatMap(({ path, text }) =>
    [...text.matchAll(found)].map(([whole]) => whole).flatMap((one) => (allowed.test(one) ? [] : [`${path}: ${one}`])),
  );
}

describe('the scale of type', () => {
  const weights = Object.values(TYPE_SCALE.fontWeights);

  test('is that of the theme, and no text is bolder than a heading', () => {
    expect(themeOf(null, 'compact')).toMatchObject(TYPE_SCALE);
    expect(TYPE_SCALE.headings.fontWeight).toBe(TYPE_SCALE.fontWeights.bold);
    expect(weights.every((weight) => Number(weight) <= 600)).toBe(true);
  });

  test('has every weight that a style sheet sets', () => {
    const named = /var\(--mantine-font-weight-(regular|medium|bold)\)|inherit|100 900/;
    expect(strays('.css', /font-weight:[^;]+;/g, named)).toEqual([]);
  });

  test('has every size that a style sheet sets', () => {
    const named = /var\(--mantine-(font-size-\w+|h\d-font-size)\)|var\(--cairn-figure-size\)|inherit/;
    const found = strays('.css', /font-size:[^;]+;/g, named);
    expect(found.filter((one) => !OTHER_SIZES.some((path) => one.includes(path)))).toEqual([]);
  });

  test('has every weight that a component sets', () => {
    const weight = new RegExp(`^fw=\\{(.*\\? )?(${weights.join('|')})( : (undefined|${weights.join('|')}))?\\}$`);
    expect(strays('.tsx', /\bfw=(\{[^}]*\}|"[^"]*")/g, weight)).toEqual([]);
    expect(strays('.tsx', /fontWeight: [^,}]+/g, /^$/)).toEqual([]);
  });
});
