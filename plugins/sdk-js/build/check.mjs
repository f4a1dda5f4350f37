// Types, by TypeScript's own compiler.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKAGE } from "./bundle.mjs";

/** Checks the types of a plugin; true where they are right. Without a `tsconfig.json` of its own it has that of this package. */
export function check(folder) {
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const own = join(folder, "tsconfig.json");
  if (existsSync(own)) {
    return run(tsc, own);
  }
  const scratch = mkdtempSync(join(tmpdir(), "cairn-plugin-js-"));
  try {
    const config = join(scratch, "tsconfig.json");
    const paths = { "@cairn/plugin": [join(PACKAGE, "src/index.ts")], "@cairn/plugin/testing": [join(PACKAGE, "src/testing/index.ts")] };
    const include = [join(folder, "src"), join(folder, "test")];
    writeFileSync(config, JSON.stringify({ extends: join(PACKAGE, "tsconfig.plugin.json"), compilerOptions: { paths }, include }));
    return run(tsc, config);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function run(tsc, config) {
  return spawnSync(process.execPath, [tsc, "--noEmit", "-p", config], { stdio: "inherit" }).status === 0;
}
