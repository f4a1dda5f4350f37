import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

/** Files of the page that shows the content API (`/api/openapi.html`), beside those of the admin UI. */
const FILES = {
  'swagger-ui-bundle.js': '../node_modules/swagger-ui-dist/swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt': '../node_modules/swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt',
  'swagger-ui.css': '../node_modules/swagger-ui-dist/swagger-ui.css',
  'page.js': './api-reference/page.js',
  'page.css': './api-reference/page.css',
};

/** Puts the page's files into the build as they are: Swagger UI is built already, and no page of the admin loads it. */
export function addApiReference(): Plugin {
  return {
    name: 'api-reference',
    apply: 'build',
    generateBundle() {
      for (const [name, path] of Object.entries(FILES)) {
        const source = readFileSync(fileURLToPath(new URL(path, import.meta.url)));
        this.emitFile({ type: 'asset', fileName: `api-reference/${name}`, source });
      }
    },
  };
}
