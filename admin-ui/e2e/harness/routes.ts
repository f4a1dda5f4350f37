import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = join(import.meta.dirname, '../../src');

/** A page's path, with names in it, and its layout. */
export interface Route {
  path: string;
  layout: string;
}

/** All pages, as the `routes.ts` of the features and of the frame define them. They are read, not run: they belong into a browser. */
export function routes(): Route[] {
  const found: Route[] = [];
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!/(^|\/)routes\.tsx?$/.test(name)) continue;
    const text = readFileSync(join(SOURCES, name), 'utf8');
    const stage = [...text.matchAll(/defineRoute\(\{\s*path: '([^']+)',\s*layout: '(\w+)'/g)].map(
      ([, path = '', layout = '']) => ({ path, layout }),
    );
    const made = text.split('defineRoute({').length - 1;
    if (stage.length !== made) throw new Error(`${name}: a route's first lines are its path and its layout`);
    found.push(...stage);
  }
  return found;
}
