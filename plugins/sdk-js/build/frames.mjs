// Scripts of the pages that a plugin shows in the admin: the modules of `admin-src/` as scripts of `admin/`, by esbuild.

import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { PACKAGE, bundled } from "./bundle.mjs";
import { Mistake } from "./manifest.mjs";

/** The folder of the sources, in that of the plugin. It is not packed. */
export const SOURCES = "admin-src";
/** The kit's script, which a page loads before its own. */
const KIT = "cairn-kit.js";

/** A file of the kit, which is beside this package. */
export function kitFile(name) {
  const found = [join(PACKAGE, "kit", name), join(PACKAGE, "../kit", name)].find((path) => existsSync(path));
  if (found === undefined) {
    throw new Mistake(`the kit for frames (kit/${name}) is neither in @cairn/plugin nor beside it`);
  }
  return found;
}

/** The modules that become scripts: those that stand in `admin-src/` itself. What is in folders below is imported by them. */
function entries(folder) {
  const found = readdirSync(join(folder, SOURCES), { withFileTypes: true });
  const names = found.filter((entry) => entry.isFile() && /(?<!\.d|\.test)\.tsx?$/.test(entry.name)).map(({ name }) => name);
  const scripts = names.map((name) => name.replace(/\.tsx?$/, ".js"));
  const twice = scripts.find((script, at) => scripts.indexOf(script) !== at);
  if (names.length === 0) {
    throw new Mistake(`${SOURCES} has no .ts or .tsx file of its own: each one becomes a script of the same name in admin/`);
  }
  if (twice !== undefined || scripts.includes(KIT)) {
    throw new Mistake(`${SOURCES}: ${twice === undefined ? `admin/${KIT} is the kit` : `two files become admin/${twice}`}; rename one of them`);
  }
  return names.sort().map((name) => join(folder, SOURCES, name));
}

/**
 * Bundles the frames of a plugin, and puts the kit beside them; answers the paths of what it made. A plugin without `admin-src/` has none. What is as
 * it was is not written again.
 */
export async function bundleFrames(folder) {
  if (!existsSync(join(folder, SOURCES))) {
    return [];
  }
  const made = await bundled({
    absWorkingDir: folder,
    entryPoints: entries(folder),
    outdir: join(folder, "admin"),
    // A page in a frame has no origin: a browser runs its classic scripts, and no modules.
    format: "iife",
    target: "es2022",
    platform: "browser",
    // As `tsconfig.frame.json` has it; a `tsconfig.json` in `admin-src/` comes first.
    jsx: "automatic",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"' },
  });
  const kit = { path: join(folder, "admin", KIT), contents: readFileSync(kitFile(KIT)) };
  const files = [...made.outputFiles, kit];
  for (const { path, contents } of files) {
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path) || !readFileSync(path).equals(contents)) {
      writeFileSync(path, contents);
    }
  }
  return files.map(({ path }) => relative(folder, path));
}

/** In words, what was made. */
export function framesText(paths) {
  return `frames: ${paths.map((path) => basename(path)).join(", ")} in admin/`;
}
