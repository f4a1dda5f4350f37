import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const SOURCES = join(import.meta.dirname, '../../src');

/** A page's path, with names in it, and its layout. */
export interface Route {
  path: string;
  layout: string;
}

/**
 * All pages, as the `routes.ts` of the features and of the frame bind them to the addresses of the `addresses.ts` beside. They are read,
 * not run: they belong into a browser.
 */
export function routes(): Route[] {
  const found: Route[] = [];
  for (const name of readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })) {
    if (!/(^|\/)routes\.tsx?$/.test(name)) continue;
    const addresses = readFileSync(join(SOURCES, dirname(name), 'addresses.ts'), 'utf8');
    const paths = new Map(
      [...addresses.matchAll(/const (\w+) = defineAddress\(\{\s*path: '([^']+)'/g)].map(
        ([, address = '', path = '']) => [address, path] as const,
      ),
    );
    const text = readFileSync(join(SOURCES, name), 'utf8');
    const stage = [...text.matchAll(/defineRoute\((\w+), \{\s*layout: '(\w+)'/g)].map(
      ([, address = '', layout = '']) => {
        const path = paths.get(address);
        if (path === undefined) throw new Error(`${name}: ${address} is not in the addresses.ts beside, path first`);
        return { path, layout };
      },
    );
    const made = text.split('defineRoute(').length - 1;
    if (stage.length !== made) throw new Error(`${name}: a route begins with its address and its layout`);
    found.push(...stage);
  }
  return found;
}
