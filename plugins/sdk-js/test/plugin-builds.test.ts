// Building a plugin: what stops it, and how that is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inModules as stackInComponent } from "../src/exports/stack.js";
import { buildPlugin, inModules, lineTable } from "./plugin-builds.mjs";

const MANIFEST = '[plugin]\nid = "a"\nversion = "1.0.0"\n\n[[route]]\nname = "hi"\nmethod = "GET"\npath = "/hi"\n';
const ROUTES = 'import { type Routes, replyEmpty } from "@cairn/plugin";\nexport const routes: Routes = { hi: () => replyEmpty(204) };\n';

test("code at the top level that does not end stops the build after a while", () => {
  const loop = "let n = 0;\nwhile (n < 2) n = (n + 1) % 2;\n";
  const files = { "plugin.toml": MANIFEST, "src/main.ts": ROUTES + loop };
  const { passed, output } = buildPlugin(files, { CAIRN_PLUGIN_BUILD_SECONDS: "3" });
  assert.equal(passed, false);
  assert.equal(output.includes("was not built within 3 s: code at the top level of a module"), true, output);
});

test("errors at the top level are told with the line of their module", () => {
  const files = {
    "plugin.toml": MANIFEST,
    "src/main.ts": `import "./shape.js";\n${ROUTES}`,
    "src/shape.ts": "interface Shape {\n  size: { deep: number };\n}\n\nconsole.log(({} as Shape).size.deep);\n",
  };
  const { passed, output } = buildPlugin(files);
  assert.equal(passed, false);
  assert.equal(output.includes("src/shape.ts:5"), true, output);
});

test("lines of a bundle lead to those of its modules", () => {
  // Two lines of the first module, one without a source, two of the second, of which the last begins with what is left of the one above.
  const map = { mappings: "AAEA;AACA;;ACAA;AAAA,EACA", sources: ["a.ts", "b.ts"] };
  const table = lineTable(map, "a\nb\n\nc\n  d\n", (name) => `src/${name}`);
  assert.deepEqual(table, { modules: ["src/a.ts", "src/b.ts"], runs: "1,0,3,2;4,1,4,2" });
  const stack = "at f (componentize-qjs:user.js:2:10)\n at g (user.js:5)\n at h (user.js:3:1)\n at i (native)";
  const expected = "at f (src/a.ts:4)\n at g (src/b.ts:5)\n at h (user.js:3:1)\n at i (native)";
  assert.equal(inModules(stack, table), expected);
  Object.assign(globalThis, { cairnSourceLines: table });
  assert.equal(stackInComponent(stack), expected);
  Object.assign(globalThis, { cairnSourceLines: undefined });
  assert.equal(stackInComponent(stack), stack);
});
