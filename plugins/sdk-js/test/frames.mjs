// Bundles frames as an author does, in a folder of their own.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const TOOL = join(process.cwd(), "bin/cairn-plugin-js.mjs");

/** The kit that is built beside this package. */
export const kit = () => readFileSync(join(process.cwd(), "../kit/cairn-kit.js"), "utf8");

/** Runs `work` with a plugin of these files: `build()` bundles its frames, `write` changes a file, `read` and `made` tell what is in `admin/`. */
export function inPlugin(files, work) {
  const folder = mkdtempSync(join(tmpdir(), "cairn-frames-"));
  const write = (name, text) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  try {
    Object.entries(files).forEach(([name, text]) => write(name, text));
    const build = () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [TOOL, "frames", folder], { encoding: "utf8" });
      return { passed: status === 0, output: stdout + stderr };
    };
    const made = () => (existsSync(join(folder, "admin")) ? readdirSync(join(folder, "admin")).sort() : []);
    const read = (name) => readFileSync(join(folder, "admin", name), "utf8");
    const changed = (name) => statSync(join(folder, "admin", name)).mtimeMs;
    work({ build, write, made, read, changed });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
