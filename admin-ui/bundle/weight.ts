import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** In KiB of script, compressed as the server hands it out, with texts in the longest language. What is over stops the build. */
export const BUDGETS = {
  /** The home page: the first page and what home adds. */
  home: 184,
  /** A list of entries, the first page included. */
  list: 268,
  /** An entry with a field of blocks, whose editor is fetched while the entry is; the first page included. */
  entry: 380,
  /** Any other page, dialog or part that is opened by its address, the first page included. */
  page: 375,
} as const;

/** Files that the first page asks for: a small host answers six at a time. */
const FIRST_FILES = 25;

/** What the pages with a budget of their own are made of: modules that are loaded late, and namespaces of texts. */
const PAGES = {
  home: { modules: [], texts: ['frame', 'home'] },
  list: { modules: ['ListPage'], texts: ['fields', 'list', 'views'] },
  entry: { modules: ['DocumentPage', 'Editor'], texts: ['editor', 'fields', 'views'] },
};

/** What can be opened, with all it needs that the first page has not. */
interface Part {
  /** The name of the module. */
  name: string;
  bytes: number;
  files: number;
}

export interface Weight {
  first: { bytes: number; files: number };
  /** Everything that is loaded later, the heaviest first. */
  parts: Part[];
  /** The pages with a budget of their own, all they need included. */
  pages: Record<keyof typeof PAGES, number>;
}

const STATIC = /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;
const LAZY = /import\(\s*["'`]\.\/([^"'`]+\.js)["'`]\s*\)/g;
/** Where the texts of a namespace are, as `import.meta.glob` lists it. */
const TEXTS = /\.\/(\w+)\/(\w+)\.(?:json|ts)["'`]:\(\)=>[^`"']*import\(\s*["'`]\.\/([^"'`]+\.js)["'`]/g;

/** The name of the module that a file was built for. */
const moduleOf = (file: string): string => file.replace(/-[\w-]{8}\.js$/, '');

/** Reads in a folder that was built what the pages load. */
export function weigh(dist: string): Weight {
  const assets = join(dist, 'assets');
  const texts: { path: string; name: string; file: string }[] = [];
  const files = new Map(
    readdirSync(assets)
      .filter((name) => name.endsWith('.js'))
      .map((name) => {
        const text = readFileSync(join(assets, name), 'utf8');
        const named = (what: RegExp): string[] => [...text.matchAll(what)].map(([, file = '']) => file);
        for (const [, path = '', key = '', file = ''] of text.matchAll(TEXTS)) texts.push({ path, name: key, file });
        const brotli = join(assets, `${name}.br`);
        return [
          name,
          {
            bytes: statSync(existsSync(brotli) ? brotli : join(assets, name)).size,
            needs: named(STATIC),
            lazy: named(LAZY),
          },
        ];
      }),
  );
  const needed = (from: readonly string[], found = new Set<string>()): Set<string> => {
    for (const name of from) {
      const file = files.get(name);
      if (!file || found.has(name)) continue;
      found.add(name);
      needed(file.needs, found);
    }
    return found;
  };
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, name) => total + (files.get(name)?.bytes ?? 0), 0);

  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const shell = [...html.matchAll(/assets\/([^"]+\.js)"/g)].map(([, name = '']) => name);
  // The texts of the first page are a lazy file that no page waits to ask for, one for each language.
  const firstTexts = texts.filter(({ path }) => path === 'first').map(({ name, file }) => ({ language: name, file }));
  const [longest] = firstTexts.toSorted((a, b) => sum([b.file]) - sum([a.file]));
  if (!longest) throw new Error('no texts of the first page were built');
  const first = needed([...shell, longest.file]);

  const lazy = new Set([...files.values()].flatMap((file) => file.lazy).filter((name) => !first.has(name)));
  const parts = [...lazy]
    .map((file) => {
      const more = [...needed([file])].filter((name) => !first.has(name));
      return { name: moduleOf(file), bytes: sum(more), files: more.length };
    })
    .toSorted((a, b) => b.bytes - a.bytes);

  const page = ({ modules, texts: namespaces }: { modules: readonly string[]; texts: readonly string[] }): number => {
    const opened = modules.flatMap((module) => {
      const found = [...lazy].filter((file) => moduleOf(file) === module);
      if (found.length === 0) throw new Error(`${module} was not built as a part`);
      return found;
    });
    const itsTexts = texts.filter(({ path, name }) => path === longest.language && namespaces.includes(name));
    return sum(new Set([...first, ...needed([...opened, ...itsTexts.map(({ file }) => file)])]));
  };
  return {
    first: { bytes: sum(first), files: first.size },
    parts,
    pages: { home: page(PAGES.home), list: page(PAGES.list), entry: page(PAGES.entry) },
  };
}

export const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;

function overBudget(what: string, bytes: number, budget: number): string[] {
  return bytes > budget * 1024 ? [`${what}: ${kib(bytes)} of script, where ${budget} KiB are the limit`] : [];
}

/** What is heavier than it may be, a line each. */
export function tooHeavy({ first, parts, pages }: Weight): string[] {
  return [
    ...overBudget('the home page', pages.home, BUDGETS.home),
    ...overBudget('a list of entries', pages.list, BUDGETS.list),
    ...overBudget('an entry', pages.entry, BUDGETS.entry),
    ...parts.flatMap(({ name, bytes }) => overBudget(name, first.bytes + bytes, BUDGETS.page)),
    ...(first.files > FIRST_FILES
      ? [`the first page asks for ${first.files} scripts, where ${FIRST_FILES} are the limit`]
      : []),
  ];
}
