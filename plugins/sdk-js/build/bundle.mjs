// A plugin's modules as one, by esbuild.

import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { lineTable } from "./lines.mjs";
import { Mistake, TABLES, tablesOf } from "./manifest.mjs";

/** This package's folder. */
export const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
/** Begins the names of what the host offers. */
const HOST = "cairn:plugin/";

/** Modules of this package by the names they are imported by. Only what is for its effects has any. */
const MODULES = {
  "@cairn/plugin": ["src/index.ts", false],
  "@cairn/plugin/testing": ["src/testing/index.ts", false],
  "cairn-sdk:globals": ["src/host-globals.ts", true],
  "cairn-sdk:exports": ["src/exports/index.ts", false],
};

/** Finds this package, wherever the plugin is: it need not be installed there. */
export const sdk = {
  name: "cairn-sdk",
  setup(build) {
    build.onResolve({ filter: /^(@cairn\/plugin|cairn-sdk:)/ }, ({ path }) => {
      const found = MODULES[path];
      if (found === undefined) {
        return { errors: [{ text: `there is no ${path}; there are @cairn/plugin and @cairn/plugin/testing` }] };
      }
      return { path: join(PACKAGE, found[0]), sideEffects: found[1] };
    });
  },
};

/** What all bundles have in common. */
export const COMMON = { bundle: true, format: "esm", target: "es2023", charset: "utf8", logLevel: "silent", write: false, metafile: true };

/** Runs esbuild; what it finds wrong is a mistake of the author's, with its place. */
export async function bundled(options) {
  try {
    return await esbuild.build({ ...COMMON, ...options });
  } catch (failed) {
    if (!Array.isArray(failed.errors)) {
      throw failed;
    }
    const texts = await esbuild.formatMessages(failed.errors, { kind: "error" });
    throw new Mistake(texts.join("\n"));
  }
}

/**
 * The plugin of a folder: its source as one module, the interfaces that it imports (`kv`, `data`), and those that it exports.
 */
export async function bundle(folder, manifest) {
  const main = ["main.ts", "main.js"].map((name) => join(folder, "src", name)).find((path) => existsSync(path));
  if (main === undefined) {
    throw new Mistake(`${folder} has neither src/main.ts nor src/main.js`);
  }
  const options = { absWorkingDir: folder, external: [`${HOST}*`], plugins: [sdk] };
  const alone = await bundled({ ...options, entryPoints: [main], outfile: "main.js" });
  const exported = Object.values(alone.metafile.outputs)[0].exports.filter((name) => name !== "default");
  const tables = tablesOf(manifest, exported);
  const whole = await bundled({
    ...options,
    stdin: { contents: entry(main, manifest, tables), resolveDir: folder, sourcefile: "component.js" },
    outfile: "component.js",
    sourcemap: "external",
    sourcesContent: false,
  });
  const written = (end) => whole.outputFiles.find(({ path }) => path.endsWith(end)).text;
  const imports = whole.metafile.outputs["component.js"].imports.filter((used) => used.external).map(({ path }) => path);
  const foreign = imports.filter((path) => !path.startsWith(HOST));
  if (foreign.length > 0) {
    throw new Mistake(`the plugin imports ${foreign.join(", ")}, which no plugin has`);
  }
  const lines = lineTable(JSON.parse(written(".js.map")), written(".js"), (source) => sourceName(folder, resolve(folder, source)));
  return {
    // Behind everything else: no line of the bundle is at another place because of it.
    source: `${written(".js")}globalThis.cairnSourceLines = ${JSON.stringify(lines)};\n`,
    lines,
    imports: [...new Set(imports.map((path) => path.slice(HOST.length).split("@")[0]))].sort(),
    exports: tables.map((table) => TABLES[table].interface),
  };
}

/** A module as an author knows it: in the plugin's folder, or in this package. */
function sourceName(folder, path) {
  const inside = (root) => {
    const name = relative(root, path);
    return name.startsWith("..") || isAbsolute(name) ? undefined : name.replaceAll("\\", "/");
  };
  const own = inside(PACKAGE);
  return own === undefined ? (inside(folder) ?? path) : `@cairn/plugin/${own}`;
}

/** The module that joins the plugin's tables to the interfaces of the contract. */
function entry(main, manifest, tables) {
  const lines = [
    'import "cairn-sdk:globals";',
    'import * as sdk from "cairn-sdk:exports";',
    `import * as main from ${JSON.stringify(main)};`,
  ];
  for (const table of tables) {
    const names = manifest.sections[table];
    if (Array.isArray(names)) {
      const given = [`main.${table}`, JSON.stringify(names), JSON.stringify(table), JSON.stringify(TABLES[table].section)];
      lines.push(`sdk.expect(${given.join(", ")});`);
    }
    const name = TABLES[table].interface.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    lines.push(`export const ${name} = sdk.${table}Export(main.${table});`);
  }
  return `${lines.join("\n")}\n`;
}
