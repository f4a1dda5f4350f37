// The packages in a folder's node_modules, loaded from there and not from beside these files.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export class Packages {
  constructor(folder) {
    this.folder = folder;
    this.require = createRequire(path.join(folder, 'index.cjs'));
  }

  version(name) {
    return JSON.parse(readFileSync(this.file(`${name}/package.json`), 'utf8')).version;
  }

  file(name) {
    return path.join(this.folder, 'node_modules', name);
  }

  /** What source text exports that is bundled as a website's is, with modules of the framework in place of some names. */
  async bundle(source, framework = {}) {
    const { build } = this.require('esbuild');
    const result = await build({
      stdin: { contents: source, resolveDir: this.folder },
      bundle: true,
      write: false,
      platform: 'node',
      // ES modules where a package has both kinds, as bundlers of websites choose.
      mainFields: ['module', 'main'],
      format: 'esm',
      logLevel: 'silent',
      // What the packages inside `require` from Node itself.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      plugins: [frameworkModules(framework, this.folder)],
    });
    const folder = await mkdtemp(path.join(this.folder, 'bundle-'));
    try {
      const file = path.join(folder, 'bundle.mjs');
      await writeFile(file, result.outputFiles[0].text);
      return await import(pathToFileURL(file));
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** An ES module's exports. */
  async import(name) {
    return this.bundle(`export * from ${JSON.stringify(name)};`);
  }
}

function frameworkModules(modules, folder) {
  return {
    name: 'framework',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path: name }) =>
        name in modules ? { path: name, namespace: 'framework' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'framework' }, ({ path: name }) => ({
        contents: modules[name],
        resolveDir: folder,
      }));
    },
  };
}
