import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** The letters of which nearly every page has some; the others are fetched where a text has them. */
const FIRST_SUBSET = /^assets\/inter-latin-wght-normal-[\w-]+\.woff2$/;

const LICENCE = '../node_modules/@fontsource-variable/inter/LICENSE';

/**
 * Asks for the typeface with the page: from the style sheet alone the browser would learn of it once text is drawn, and draw it twice. Puts its licence
 * beside it, as that wants.
 */
export function addTypeface(): Plugin {
  return {
    name: 'typeface',
    apply: 'build',
    generateBundle() {
      const source = readFileSync(fileURLToPath(new URL(LICENCE, import.meta.url)));
      this.emitFile({ type: 'asset', fileName: 'licences/inter.txt', source });
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
