import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { type Language, LANGUAGES } from '.';
import { wordsNotUsed } from './glossary';

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

  test('have singular and plural forms', () => {
    for (const key of english.keys()) {
      if (key.endsWith('_other')) expect(english.has(key.replace(/_other$/, '_one')), key).toBe(true);
    }
  });
});

/** Texts of the first page come in one file, the others one by one: none in both ways, or in neither. */
describe('the texts of the first page', () => {
  test.each(Object.keys(LANGUAGES))('are excluded from the separate files, in %s', async (language) => {
    const { default: first } = (await import(`./first/${language}.ts`)) as { default: Record<string, unknown> };
    const [, leftOut = ''] = /!\.\/\*\/\{([^}]+)\}\.json/.exec(readFileSync(join(FOLDER, 'index.ts'), 'utf8')) ?? [];
    expect(Object.keys(first).toSorted()).toEqual(leftOut.split(',').toSorted());
  });
});

/** `’`, as in all the others. */
test.each(Object.keys(LANGUAGES))('apostrophes are those of print, in %s', (language) => {
  const found = namespaces.flatMap((namespace) =>
    [...texts(language, namespace)]
      .filter(([, text]) => /\p{L}'\p{L}/u.test(text))
      .map(([key]) => `${namespace}:${key}`),
  );
  expect(found).toEqual([]);
});

/** One word for one thing, and none that only a translation has. */
describe('the words of the glossary', () => {
  test.each(Object.keys(LANGUAGES) as Language[])('are the only ones for their things in %s', (language) => {
    const found = namespaces.flatMap((namespace) =>
      [...texts(language, namespace)].flatMap(([key, text]) =>
        wordsNotUsed(language, `${namespace}:${key}`, text).map((problem) => `${namespace}:${key}: ${problem}`),
      ),
    );
    expect(found).toEqual([]);
  });

  test('are found in whole words alone', () => {
    expect(wordsNotUsed('en', 'list:bin.title', 'Move to the bin')).toHaveLength(1);
    expect(wordsNotUsed('en', 'list:any', 'Combine {{email}}')).toEqual([]);
    expect(wordsNotUsed('nl', 'editor:review.stage', 'Fase')).toHaveLength(1);
    expect(wordsNotUsed('nl', 'calendar:phase', 'Fase')).toEqual([]);
    expect(wordsNotUsed('nl', 'plugin:install.asks', 'Zodra je akkoord gaat')).toEqual([]);
  });
});

const files = readdirSync(join(FOLDER, '..'), { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.endsWith('schema.gen.ts'),
);
const sources = new Map(files.map((file) => [file, readFileSync(join(FOLDER, '..', file), 'utf8')]));
/** The English keys of each namespace, as code names them: without their plural forms. */
const keys = new Map(
  namespaces.map((namespace) => [
    namespace,
    [...texts('en', namespace).keys()].map((key) => key.replace(/_(zero|one|other)$/, '')),
  ]),
);

/** The keys that the text of a template literal stands for: `kind.${kind}` is each key that begins with `kind.`. */
function pattern(template: string): RegExp {
  const literals = template
    .split(/\$\{(?:[^{}]|\{[^}]*\})*\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('.+')}$`);
}

/** Every key that code names by a literal, or composes in one, with the namespaces that its file uses. */
describe('the texts that code names', () => {
  test.each(files)('exist: %s', (file) => {
    const source = sources.get(file) ?? '';
    // A file may have components of several namespaces; a key has to be in one of them.
    const used = [...source.matchAll(/useTranslation\(\s*\[?\s*'([\w-]+)'/g)].map(([, namespace = '']) => namespace);
    const literal = [...source.matchAll(/\bt\(\s*'([^']+)'/g)];
    const composed = [...source.matchAll(/\bt\(\s*`([^`]+)`/g)];
    for (const [, key = ''] of [...literal, ...composed]) {
      const [first = '', name] = key.split(/:(?![^{]*\})/);
      const searched = name === undefined ? used : [first];
      const matches = pattern(name ?? first);
      if (searched.length > 0)
        expect(
          searched.some((namespace) => keys.get(namespace)?.some((text) => matches.test(text))),
          `${file}: ${key} in ${searched.join()}`,
        ).toBe(true);
    }
  });

  test('include every existing text', { timeout: 30_000 }, () => {
    const literals = new Set<string>();
    const patterns: RegExp[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node)) literals.add(node.text);
      if (
        ts.isTemplateExpression(node) &&
        /\w{2}/.test(node.head.text + node.templateSpans.map((span) => span.literal.text).join(''))
      )
        patterns.push(pattern(node.getText().slice(1, -1)));
      ts.forEachChild(node, visit);
    };
    for (const [file, source] of sources) {
      const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
      visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true, kind));
    }
    const named = (key: string): boolean => literals.has(key) || patterns.some((composed) => composed.test(key));
    const unused = [...keys].flatMap(([namespace, names]) =>
      names
        .map((name) => `${namespace}:${name}`)
        .filter((full) => !named(full) && !named(full.slice(namespace.length + 1))),
    );
    expect(unused).toEqual([]);
  });
});

/** What the server names has a text, so that nobody reads its codes, or its English in a Dutch admin. */
describe('the texts for names of the server', () => {
  const repository = join(FOLDER, '../../..');
  const namesIn = (file: string, name: RegExp): string[] =>
    [...readFileSync(join(repository, file), 'utf8').matchAll(name)].map(([, found = '']) => found);

  test('exist for each permission and its area', () => {
    const permissions = namesIn('core/access/src/admin_roles/actions.rs', /^ +\w+ = "([\w.-]+)" "/gm);
    expect(permissions).toContain('plugins.read');
    const areas = [...new Set(permissions.map((name) => name.split('.')[0] ?? name))];
    const users = keys.get('users') ?? [];
    expect(users.filter((key) => key.startsWith('right.')).toSorted()).toEqual(
      permissions.map((name) => `right.${name.replaceAll('.', '_')}`).toSorted(),
    );
    expect(users.filter((key) => key.startsWith('area.')).toSorted()).toEqual(
      areas.map((area) => `area.${area}`).toSorted(),
    );
  });

  test('exist for each mail template and kind of notification', () => {
    const templates = namesIn('core/notify/src/templates/en.toml', /^\[([\w-]+)\]$/gm).filter(
      (name) => name !== 'layout',
    );
    const kinds = namesIn('core/notify/src/kind.rs', /^ +\w+ "([\w-]+)" (?:Now|Digest|Off) /gm);
    expect(kinds).toContain('mention');
    const named = (keys.get('settings') ?? []).filter((key) => key.startsWith('mail.templateNames.'));
    expect(named.toSorted()).toEqual(
      [...new Set([...templates, ...kinds])].map((name) => `mail.templateNames.${name}`).toSorted(),
    );
  });
});
