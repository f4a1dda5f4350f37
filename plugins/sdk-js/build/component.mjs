// One module of JavaScript to a component, by componentize-qjs: QuickJS with the plugin loaded, and nothing imported that the plugin
// does not use.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { PACKAGE } from "./bundle.mjs";
import { inModules } from "./lines.mjs";
import { Mistake } from "./manifest.mjs";

/** The version of the contract. */
const VERSION = "0.1.0";
/** How long a component may take to be made, in seconds, where `CAIRN_PLUGIN_BUILD_SECONDS` says nothing else: it takes two. */
const PATIENCE = 120;

/** The contract: in the package itself where it was packed, else beside it in the repository. */
export function contract() {
  const found = [join(PACKAGE, "wit/v0.1"), join(PACKAGE, "../wit/v0.1")].find((folder) => existsSync(folder));
  if (found === undefined) {
    throw new Mistake("the contract (wit/v0.1) is neither in @cairn/plugin nor beside it");
  }
  return found;
}

/** The world of a plugin: only what it imports and exports. */
export function world({ imports, exports }) {
  const line = (kind) => (name) => `  ${kind} cairn:plugin/${name}@${VERSION};`;
  const lines = [...imports.map(line("import")), ...exports.map(line("export"))];
  return `package cairn:sdk-js;\n\nworld component {\n${lines.join("\n")}\n}\n`;
}

/**
 * Writes the component of a bundle to `out`, unless what is there was made of the same. The tool's output differs in some bytes each time
 * (seeds of hash tables that it keeps), so a component is made anew only where it would differ in more than that.
 *
 * Gives its size in bytes, and whether it was made.
 */
export async function writeComponent(bundle, out) {
  const text = world(bundle);
  const key = fingerprint([bundle.source, text, tool(), ...files(contract())]);
  const note = join(dirname(out), `.${out.slice(dirname(out).length + 1)}.key`);
  if (existsSync(out) && existsSync(note)) {
    const component = readFileSync(out);
    if (readFileSync(note, "utf8") === `${key}\n${fingerprint([component])}\n`) {
      return { bytes: component.length, made: false };
    }
  }
  const component = await made(bundle, text);
  mkdirSync(dirname(out), { recursive: true });
  rmSync(note, { force: true });
  // By way of another name: who reads meanwhile sees the old one or the new one.
  writeFileSync(`${out}.new`, component);
  renameSync(`${out}.new`, out);
  writeFileSync(note, `${key}\n${fingerprint([component])}\n`);
  return { bytes: component.length, made: true };
}

async function made({ source, lines }, text) {
  const scratch = mkdtempSync(join(tmpdir(), "cairn-plugin-js-"));
  try {
    cpSync(contract(), join(scratch, "wit/deps/cairn-plugin"), { recursive: true });
    writeFileSync(join(scratch, "wit/world.wit"), text);
    const options = { witPath: join(scratch, "wit"), jsSource: source, world: "component", stubWasi: true, optSize: true, sync: true };
    writeFileSync(join(scratch, "options.json"), JSON.stringify(options));
    const failure = await run(join(scratch, "options.json"), join(scratch, "component.wasm"));
    if (failure !== undefined) {
      throw new Mistake(inModules(plain(failure), lines));
    }
    return readFileSync(join(scratch, "component.wasm"));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes the component in a process of its own; gives what went wrong, if anything did. */
function run(options, out) {
  const given = Number(process.env.CAIRN_PLUGIN_BUILD_SECONDS);
  const seconds = given > 0 ? given : PATIENCE;
  const worker = fileURLToPath(new URL("componentize.mjs", import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [worker, options, out], { stdio: ["ignore", "ignore", "pipe"] });
    let [said, late] = ["", false];
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, seconds * 1_000);
    child.stderr.setEncoding("utf8").on("data", (part) => (said += part));
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (late) {
        reject(
          new Mistake(
            `the plugin was not built within ${seconds} s: code at the top level of a module runs while it is built, and does not seem to end. ` +
              "Move loops and long work into a handler; on a slow machine, set CAIRN_PLUGIN_BUILD_SECONDS to more",
          ),
        );
      } else {
        resolve(code === 0 ? undefined : said || `componentize-qjs ended with ${code}`);
      }
    });
  });
}

/** What the tool says, without its innards. */
function plain(message) {
  const asked = /unknown import: `(cairn:plugin\/[\w-]+)@[\d.]+#([^`]+)`/.exec(message);
  if (asked !== null) {
    return `${asked[1]} (${asked[2]}) was called while the plugin was built: call it in a handler, not at the top level of a module`;
  }
  const thrown = /Failed to finish JavaScript module evaluation: ([\s\S]*)/.exec(message);
  return thrown === null ? `the component could not be made: ${message}` : thrown[1].trim();
}

function tool() {
  const require = createRequire(import.meta.url);
  return require("componentize-qjs/package.json").version;
}

function files(folder) {
  return readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name)));
}

function fingerprint(parts) {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(`${part.length}\n`).update(part);
  }
  return hash.digest("hex");
}
