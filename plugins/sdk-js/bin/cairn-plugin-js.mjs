#!/usr/bin/env node
// Builds, checks and tests plugins written in TypeScript or JavaScript.

import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/** A library that is linked into a plugin has its own packages, which npm does not install with those of the plugin. */
const { Mistake, readManifest } = await import("../build/manifest.mjs").catch((error) => {
  if (error.code !== "ERR_MODULE_NOT_FOUND") {
    throw error;
  }
  const library = fileURLToPath(new URL("..", import.meta.url));
  console.error(`the packages of @cairn/plugin are not installed: run \`npm install\` in ${library}`);
  process.exit(1);
});

const USAGE = `cairn-plugin-js build [folder] [--out plugin.wasm]   the plugin of a folder as a component
cairn-plugin-js frames [folder]                      the scripts of its frames alone, from admin-src/, with their types checked
cairn-plugin-js check [folder]                       its types
cairn-plugin-js test [folder]                        its src/*.test.ts and test/*.test.ts, with a fake host`;

async function run() {
  let given;
  try {
    given = parseArgs({ allowPositionals: true, options: { out: { type: "string" }, help: { type: "boolean", short: "h" } } });
  } catch (error) {
    throw new Mistake(`${error.message}\n${USAGE}`);
  }
  const [command, path = ".", ...more] = given.positionals;
  if (given.values.help === true) {
    console.log(USAGE);
    return true;
  }
  if (!["build", "frames", "check", "test"].includes(command) || more.length > 0 || (given.values.out !== undefined && command !== "build")) {
    throw new Mistake(USAGE);
  }
  const folder = resolve(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new Mistake(`${folder} is no folder`);
  }
  if (command === "check") {
    return (await import("../build/check.mjs")).check(folder);
  }
  if (command === "test") {
    return (await import("../build/test.mjs")).test(folder);
  }
  const { bundleFrames, framesText } = await import("../build/frames.mjs");
  if (command === "frames") {
    const right = (await import("../build/check.mjs")).checkFrames(folder);
    if (right) {
      const frames = await bundleFrames(folder);
      console.log(frames.length > 0 ? framesText(frames) : "no frames: the plugin has no admin-src/");
    }
    return right;
  }
  const { bundle } = await import("../build/bundle.mjs");
  const { writeComponent } = await import("../build/component.mjs");
  const out = resolve(given.values.out ?? join(folder, "plugin.wasm"));
  const parts = await bundle(folder, readManifest(folder));
  const { bytes, made } = await writeComponent(parts, out);
  const about = `${Math.round(bytes / 1024)} KiB; imports ${parts.imports.join(", ")}; exports ${parts.exports.join(", ")}`;
  console.log(`${relative(process.cwd(), out)}${made ? "" : " is up to date"} (${about})`);
  const frames = await bundleFrames(folder);
  if (frames.length > 0) {
    console.log(framesText(frames));
  }
  return true;
}

try {
  process.exitCode = (await run()) ? 0 : 1;
} catch (error) {
  if (!(error instanceof Mistake)) {
    throw error;
  }
  console.error(error.message);
  process.exitCode = 1;
}
