import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** In KiB of script, compressed as the server hands it out. What is over stops the build. */
export const BUDGETS = {
  /** The first page, with its texts in the longest language. */
  first: 300,
  /** A list of entries: the first page and what the list adds. */
  list: 300,
  /** What any page, dialog or part adds to the first page when it is opened by its address. */
  part: 150,
  /** The same of the editor of blocks, which is fetched while the entry is. */
  editor: 200,
} as const;

/** Files that the first page asks for: a small host answers six at a time. */
const FIRST_FILES = 25;

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
}

const STATIC = /(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;
const LAZY = /import\(\s*["'`]\.\/([^"'`]+\.js)["'`]\s*\)/g;

/** Reads in a folder that was built what the pages load. */
export function weigh(dist: string): Weight {
  const assets = join(dist, 'assets');
  const files = new Map(
    readdirSync(assets)
      .filter((name) => name.endsWith('.js'))
      .map((name) => {
        const text = readFileSync(join(assets, name), 'utf8');
        const named = (what: RegExp): string[] => [...text.matchAll(what)].map(([, file = '']) => file);
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
  const page = needed([...html.matchAll(/assets\/([^"]+\.js)"/g)].map(([, name = '']) => name));
  const lazy = new Set([...files.values()].flatMap((file) => file.lazy).filter((name) => !page.has(name)));
  const parts = [...lazy]
    .map((file) => {
      const more = [...needed([file])].filter((name) => !page.has(name));
      return { name: file.replace(/-[\w-]{8}\.js$/, ''), bytes: sum(more), files: more.length };
    })
    .toSorted((a, b) => b.bytes - a.bytes);
  // The texts of the first page are a lazy file that no page waits to ask for: one of these comes with it.
  const texts = parts.filter(({ name }) => /^[a-z]{2}$/.test(name));
  if (texts.length === 0) throw new Error('no texts of the first page were built');
  return { first: { bytes: sum(page) + (texts[0]?.bytes ?? 0), files: page.size + (texts[0]?.files ?? 0) }, parts };
}

export const kib = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KiB`;

function overBudget(what: string, bytes: number, budget: number): string[] {
  return bytes > budget * 1024 ? [`${what}: ${kib(bytes)} of script, where ${budget} KiB are the limit`] : [];
}

/** What is heavier than it may be, a line each. */
export function tooHeavy({ first, parts }: Weight): string[] {
  const list = parts.find(({ name }) => name === 'ListPage');
  if (!list) throw new Error('the list of entries was not built as a page');
  return [
    ...overBudget('the first page', first.bytes, BUDGETS.first),
    ...overBudget('a list of entries', first.bytes + list.bytes, BUDGETS.list),
    ...parts.flatMap(({ name, bytes }) =>
      overBudget(`${name}, beyond the first page`, bytes, name === 'Editor' ? BUDGETS.editor : BUDGETS.part),
    ),
    ...(first.files > FIRST_FILES
      ? [`the first page asks for ${first.files} scripts, where ${FIRST_FILES} are the limit`]
      : []),
  ];
}
