import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The admin that the tests begin with. */
export const DIST = join(import.meta.dirname, '../../dist');
/** What the names of files have before their ending, in this version only. */
const MARK = '.next';

/**
 * Writes the admin as another version of it is: the same pages, in files that have other names, as a build gives each file a name by what is in
 * it. Files compressed beforehand are left out; the server sends what is there.
 */
export function writeOtherVersion(folder: string): void {
  cpSync(DIST, folder, { recursive: true, filter: (path) => !/\.(br|gz)$/.test(path) });
  const assets = join(folder, 'assets');
  const names = new Set(readdirSync(assets).filter((name) => /\.(js|css)$/.test(name)));
  const texts = [...[...names].map((name) => join(assets, name)), join(folder, 'index.html')];
  for (const file of texts) {
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replaceAll(/[\w.-]+\.(?:js|css)\b/g, (name) => (names.has(name) ? renamed(name) : name)),
    );
  }
  for (const name of names) renameSync(join(assets, name), join(assets, renamed(name)));
}

function renamed(name: string): string {
  return name.replace(/(?=\.\w+$)/, MARK);
}

/** Whether a script of the page is of that version. */
export function isOtherVersion(address: string): boolean {
  return address.includes(`${MARK}.js`);
}
