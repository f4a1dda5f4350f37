import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** The letters of which nearly every page has some; the others are fetched where a text has them. */
const FIRST_SUBSET = /^assets\/inter-latin-wght-normal-[\w-]+\.woff2$/;

const LICENCE = '../node_modules/@fontsource-variable/inter/LICENSE';

/** The style sheets of the typeface: its subsets, and what stands until they are there. */
const FACES = ['../node_modules/@fontsource-variable/inter/wght.css', '../src/ui/typeface.css'];

const read = (path: string): Buffer => readFileSync(fileURLToPath(new URL(path, import.meta.url)));

/**
 * The typeface for pages that are not of the admin (`/cairn/typeface/inter.css`, core/router/src/typeface.rs), with the files that the admin has under the
 * names that they were built to.
 */
function typefaceSheet(built: readonly string[]): string {
  return FACES.map((path) => read(path).toString())
    .join('\n')
    .replaceAll(/url\(\.\/files\/([\w-]+)\.woff2\)/g, (_, name: string) => {
      const file = built.find((one) => one.startsWith(`assets/${name}-`) && one.endsWith('.woff2'));
      if (!file) throw new Error(`${name} of the typeface was not built`);
      return `url(${file.slice('assets/'.length)})`;
    });
}

/**
 * Asks for the typeface with the page: from the style sheet alone the browser would learn of it once text is drawn, and draw it twice. Puts its licence
 * beside it, as that wants, and a style sheet for all other pages of the server.
 */
export function addTypeface(): Plugin {
  return {
    name: 'typeface',
    apply: 'build',
    generateBundle: {
      // After the files have their names.
      order: 'post',
      handler(_options, bundle) {
        this.emitFile({ type: 'asset', fileName: 'licences/inter.txt', source: read(LICENCE) });
        const source = typefaceSheet(Object.keys(bundle));
        this.emitFile({ type: 'asset', fileName: 'typeface/inter.css', source });
      },
    },
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) => FIRST_SUBSET.test(name));
        if (!file) throw new Error('the typeface was not built');
        const attrs = { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: `/admin/${file}` };
        return [{ tag: 'link', attrs, injectTo: 'head-prepend' }];
      },
    },
  };
}
