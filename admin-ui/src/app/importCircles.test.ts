import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '..');
const files = new Set(
  readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file)),
);

/** The modules that a source imports at once or late. Types alone are not there when it runs. */
function importedBy(file: string, source: string): string[] {
  const found: string[] = [];
  const add = (module: ts.Expression | undefined): void => {
    if (module && ts.isStringLiteralLike(module)) found.push(module.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      if (!node.importClause?.isTypeOnly) add(node.moduleSpecifier);
    } else if (ts.isExportDeclaration(node)) {
      if (!node.isTypeOnly) add(node.moduleSpecifier);
    } else {
      if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
      ts.forEachChild(node, visit);
    }
  };
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, false, kind));
  return found;
}

/** The file of ours that a module is; `undefined` of a library, a style sheet, a picture. */
function fileOf(module: string, importer: string): string | undefined {
  if (!/^(@\/|\.)/.test(module)) return undefined;
  const path = module.startsWith('@/') ? module.slice(2) : join(dirname(importer), module);
  const found = [path, `${path}.ts`, `${path}.tsx`, join(path, 'index.ts')].find((file) => files.has(file));
  if (!found && !/\.(css|json|jpg|svg)(\?\w+)?$/.test(module))
    throw new Error(`${importer} imports ${module}: no file`);
  return found;
}

type Graph = ReadonlyMap<string, readonly string[]>;

const graph: Graph = new Map(
  [...files].map((file) => [
    file,
    importedBy(file, readFileSync(join(SOURCES, file), 'utf8')).flatMap((module) => fileOf(module, file) ?? []),
  ]),
);

/** A circle for each import that closes one, as the files along it. */
function circles(imports: Graph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    else if (!done.has(file)) {
      path.push(file);
      for (const next of imports.get(file) ?? []) walk(next);
      path.pop();
      done.add(file);
    }
  };
  for (const file of imports.keys()) walk(file);
  return found;
}

/** All files that come with a file. */
function reachedFrom(file: string, reached = new Set<string>()): Set<string> {
  for (const next of graph.get(file) ?? []) {
    if (reached.has(next)) continue;
    reached.add(next);
    reachedFrom(next, reached);
  }
  return reached;
}

const named = (name: string): string[] => [...files].filter((file) => basename(file) === name);

describe('the imports of a source', () => {
  test('are what it has when it runs, at once or late', () => {
    const source = `
      import a, { type A } from './a';
      import type { B } from './b';
      import './c';
      export { d } from './d';
      export type { E } from './e';
      const f = lazyPart(() => import('./f'));
      type G = typeof import('./g');`;
    expect(importedBy('some.tsx', source)).toEqual(['./a', './c', './d', './f']);
  });

  test('are found in the files', () => {
    expect(graph.get('features/assets/register.ts')).toContain('features/assets/routes.ts');
    expect(graph.get('features/assets/routes.ts')).toContain('features/assets/LibraryPage.tsx');
  });
});

describe('import circles', () => {
  test('are found', () => {
    const imports = new Map([
      ['a', ['b', 'd']],
      ['b', ['c', 'd']],
      ['c', ['b']],
      ['d', []],
    ]);
    expect(circles(imports)).toEqual(['b → c → b']);
  });

  test('do not exist, late imports counted', () => {
    expect(circles(graph)).toEqual([]);
  });
});

describe('routes', () => {
  test.each(named('routes.ts'))('are imported only by the register.ts of their feature: %s', (routes) => {
    const importers = [...graph].filter(([, imported]) => imported.includes(routes)).map(([file]) => file);
    const feature = routes.startsWith('features/') ? routes.split('/').slice(0, 2).join('/') : dirname(routes);
    expect(importers).toEqual([`${feature}/register.ts`]);
  });
});

describe('addresses', () => {
  test.each(named('addresses.ts'))('come without a page or another component: %s', (addresses) => {
    expect([...reachedFrom(addresses)].filter((file) => file.endsWith('.tsx'))).toEqual([]);
  });
});
