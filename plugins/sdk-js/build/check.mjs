// Types, by TypeScript's own compiler.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKAGE } from "./bundle.mjs";
import { SOURCES, kitFile } from "./frames.mjs";

/** Checks the types of a plugin and of its frames; true where they are right. Without a `tsconfig.json` of their own they have those of this package. */
export function check(folder) {
  const paths = { "@cairn/plugin": [join(PACKAGE, "src/index.ts")], "@cairn/plugin/testing": [join(PACKAGE, "src/testing/index.ts")] };
  const include = [join(folder, "src"), join(folder, "test")];
  const passed = checked(folder, { extends: join(PACKAGE, "tsconfig.plugin.json"), compilerOptions: { paths }, include });
  return checkFrames(folder) && passed;
}

/** Checks the types of a plugin's frames, which know `cairn`; true where they are right, or there are none. */
export function checkFrames(folder) {
  const place = join(folder, SOURCES);
  if (!existsSync(place)) {
    return true;
  }
  return checked(place, { extends: join(PACKAGE, "tsconfig.frame.json"), files: [kitFile("cairn-kit.d.ts")], include: [place] });
}

/** Checks a folder by its `tsconfig.json`, else by one with this in it. */
function checked(folder, usual) {
  const own = join(folder, "tsconfig.json");
  if (existsSync(own)) {
    return run(own);
  }
  const scratch = mkdtempSync(join(tmpdir(), "cairn-plugin-js-"));
  try {
    const config = join(scratch, "tsconfig.json");
    writeFileSync(config, JSON.stringify(usual));
    return run(config);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(config) {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  return spawnSync(process.execPath, [tsc, "--noEmit", "-p", config], { stdio: "inherit" }).status === 0;
}
