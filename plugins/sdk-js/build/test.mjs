// Unit tests of a plugin, run by Node. What the plugin asks of the host is answered by a fake one: `@cairn/plugin/testing`.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { PACKAGE, bundled, sdk } from "./bundle.mjs";
import { Mistake } from "./manifest.mjs";

/** Runs all `test/**.test.ts` and `src/**.test.ts` of a folder; true where they pass. */
export async function test(folder) {
  const found = [...tests(join(folder, "src")), ...tests(join(folder, "test"))].sort();
  if (found.length === 0) {
    throw new Mistake(`${folder} has no src/*.test.ts and no test/*.test.ts`);
  }
  const scratch = mkdtempSync(join(tmpdir(), "cairn-plugin-js-"));
  try {
    const written = [];
    for (const path of found) {
      const options = { absWorkingDir: folder, entryPoints: [path], outfile: "test.mjs", external: ["node:*"], sourcemap: "inline" };
      const made = await bundled({ ...options, plugins: [sdk, host] });
      const out = join(scratch, `${relative(folder, path).replaceAll(/[\\/]/g, "-").replace(/\.[jt]s$/, "")}.mjs`);
      writeFileSync(out, made.outputFiles[0].contents);
      written.push(out);
    }
    const counts = join(scratch, "counts");
    const reporters = ["--test-reporter=spec", "--test-reporter-destination=stdout", "--test-reporter=tap"];
    const args = ["--enable-source-maps", "--test", ...reporters, `--test-reporter-destination=${counts}`, ...written];
    const passed = spawnSync(process.execPath, args, { stdio: "inherit", cwd: folder }).status === 0;
    const count = (what) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(readFileSync(counts, "utf8"))?.[1] ?? 0);
    console.log(`${count("pass")} passed, ${count("fail") + count("cancelled")} failed`);
    return passed;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tests(folder) {
  if (!existsSync(folder)) {
    return [];
  }
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => /\.test\.[jt]s$/.test(name)).map((name) => join(folder, name));
}

/** `cairn:plugin/kv@0.1.0` as a module whose functions are those of the fake host there is. */
const host = {
  name: "cairn-host",
  setup(build) {
    build.onResolve({ filter: /^cairn:plugin\// }, ({ path }) => ({ path, namespace: "cairn-host" }));
    build.onLoad({ filter: /.*/, namespace: "cairn-host" }, ({ path }) => {
      const parts = offered().get(path);
      if (parts === undefined) {
        return { errors: [{ text: `the contract has no ${path}` }] };
      }
      const name = JSON.stringify(path.slice("cairn:plugin/".length).split("@")[0]);
      const of = (part) => `globalThis.cairnHost(${name}, ${JSON.stringify(part)})`;
      const lines = parts.functions.map((part, i) => `const f${i} = (...args) => ${of(part)}(...args); export { f${i} as ${part} };`);
      const classes = parts.classes.map(
        (part) => `export const ${part} = new Proxy(class {}, { get: (_, key) => ${of(part)}[key], construct: (_, args) => new (${of(part)})(...args) });`,
      );
      return { contents: [...lines, ...classes].join("\n"), loader: "js" };
    });
  },
};

let known;

/** The functions and classes of each interface, as `src/raw` declares them. */
export function offered() {
  if (known !== undefined) {
    return known;
  }
  known = new Map();
  for (const name of ["types", "data", "services"]) {
    const text = readFileSync(join(PACKAGE, `src/raw/${name}.d.ts`), "utf8");
    for (const [, module, body] of text.matchAll(/declare module "([^"]+)" \{\n([\s\S]*?)\n\}/g)) {
      const all = (pattern) => [...body.matchAll(pattern)].map((match) => match[1]);
      const functions = [...all(/export function (\w+)/g), ...all(/export \{ \w+ as (\w+) \}/g)];
      known.set(module, { functions, classes: all(/export class (\w+)/g) });
    }
  }
  return known;
}
