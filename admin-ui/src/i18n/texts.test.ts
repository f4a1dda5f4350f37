import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '.';

type Tree = { [key: string]: string | Tree };

const FOLDER = import.meta.dirname;
const namespaces = readdirSync(join(FOLDER, 'en')).map((file) => file.replace('.json', ''));

function texts(language: string, namespace: string): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (tree: Tree, path: string): void => {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value === 'string') found.set(path + key, value);
      else walk(value, `${path}${key}.`);
    }
  };
  walk(JSON.parse(readFileSync(join(FOLDER, language, `${namespace}.json`), 'utf8')) as Tree, '');
  return found;
}

/** `{{name}}` and `<b>`: what has to be in a text in each language. Without `count`, which a singular may leave out. */
function parts(text: string): string[] {
  return [...text.matchAll(/\{\{\s*(\w+)[^}]*\}\}|<\/?\w+\/?>/g)]
    .map(([whole, name]) => name ?? whole)
    .filter((part) => part !== 'count')
    .toSorted();
}

describe.each(namespaces)('the texts of %s', (namespace) => {
  const english = texts('en', namespace);

  test.each(Object.keys(LANGUAGES))('are complete in %s', (language) => {
    const translated = texts(language, namespace);
    expect([...translated.keys()].toSorted()).toEqual([...english.keys()].toSorted());
    for (const [key, text] of translated) {
      expect(text.trim(), key).not.toBe('');
      expect(parts(text), key).toEqual(parts(english.get(key) ?? ''));
    }
  });

  test('count in both numbers', () => {
    for (const key of english.keys()) {
      if (key.endsWith('_other')) expect(english.has(key.replace(/_other$/, '_one')), key).toBe(true);
    }
  });
});

/** Texts of the first page come in one file, the others one by one: none in both ways, or in neither. */
describe('the texts of the first page', () => {
  test.each(Object.keys(LANGUAGES))('are left out of those that come one by one, in %s', async (language) => {
    const { default: first } = (await import(`./first/${language}.ts`)) as { default: Record<string, unknown> };
    const [, leftOut = ''] = /!\.\/\*\/\{([^}]+)\}\.json/.exec(readFileSync(join(FOLDER, 'index.ts'), 'utf8')) ?? [];
    expect(Object.keys(first).toSorted()).toEqual(leftOut.split(',').toSorted());
  });
});

/** Every literal key that code of ours asks for, with the namespaces it asks in. */
describe('the texts that are asked for', () => {
  const files = readdirSync(join(FOLDER, '..'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes('.test.'),
  );
  const known = new Map(namespaces.map((namespace) => [namespace, texts('en', namespace)]));
  const there = (namespace: string, key: string): boolean => {
    const keys = known.get(namespace);
    return (
      keys !== undefined &&
      [...keys.keys()].some((text) => text === key || text.replace(/_(zero|one|other)$/, '') === key)
    );
  };

  test.each(files)('are there: %s', (file) => {
    const code = readFileSync(join(FOLDER, '..', file), 'utf8');
    // A file may have components of several namespaces; a key has to be in one of them.
    const used = [...code.matchAll(/useTranslation\(\s*\[?\s*'([\w-]+)'/g)].map(([, namespace = '']) => namespace);
    for (const [, key = ''] of code.matchAll(/\bt\(\s*'([^']+)'/g)) {
      const [first = '', name] = key.split(':');
      const places = name === undefined ? used : [first];
      if (places.length > 0)
        expect(
          places.some((place) => there(place, name ?? first)),
          `${file}: ${key} in ${places.join()}`,
        ).toBe(true);
    }
  });
});
