// Builds plugins as an author does, in a folder of their own.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export { inModules, lineTable } from "../build/lines.mjs";

const TOOL = join(process.cwd(), "bin/cairn-plugin-js.mjs");

/** Builds a plugin of these files, and gives what the tool wrote. */
export function buildPlugin(files, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), "cairn-builds-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const options = { encoding: "utf8", env: { ...process.env, ...environment } };
    const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, "build", folder], options);
    return { passed: status === 0, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
