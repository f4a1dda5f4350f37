// Scripts of frames, from `admin-src/`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inPlugin, kit } from "./frames.mjs";

const PAGE = 'import { total } from "./parts/total";\ncairn.ready.then(() => { document.title = String(total(41)); });\n';

test("each module becomes a classic script, with what it imports and the kit beside it", () => {
  const files = {
    "admin-src/page.ts": PAGE,
    "admin-src/other.tsx": "cairn.watch('plugin::a.b', (types) => console.log(types.length));\n",
    "admin-src/parts/total.ts": "export const total = (value: number): number => value + 1;\n",
    "admin-src/total.test.ts": "export {};\n",
    "admin-src/shapes.d.ts": "interface Shape { size: number }\n",
  };
  inPlugin(files, ({ build, made, read, changed }) => {
    const { passed, output } = build();
    assert.equal(passed, true, output);
    assert.deepEqual(made(), ["cairn-kit.js", "other.js", "page.js"]);
    assert.equal(read("cairn-kit.js"), kit());
    assert.equal(/\b(import|export)\b/.test(read("page.js")), false);
    assert.equal(read("page.js").includes("+1"), true);
    const before = changed("page.js");
    assert.equal(build().passed, true);
    assert.equal(changed("page.js"), before);
  });
});

test("mistakes are told with file and line, and leave what was made", () => {
  inPlugin({ "admin-src/page.ts": "cairn.toast('a');\n" }, ({ build, write, read }) => {
    assert.equal(build().passed, true);
    const before = read("page.js");
    write("admin-src/page.ts", "\ncairn.tost('a');\n");
    const mistyped = build();
    assert.equal(mistyped.passed, false);
    assert.equal(mistyped.output.includes("page.ts(2,7)"), true, mistyped.output);
    // Types say nothing of what is only imported for its effects.
    write("admin-src/page.ts", '\nimport "./gone.css";\n');
    const broken = build();
    assert.equal(broken.passed, false);
    assert.equal(broken.output.includes("admin-src/page.ts:2:7"), true, broken.output);
    assert.equal(read("page.js"), before);
  });
});

test("names that do not become a script of their own are refused", () => {
  for (const [files, part] of [
    [{ "admin-src/parts/a.ts": "export {};\n" }, "has no .ts or .tsx file of its own"],
    [{ "admin-src/a.ts": "export {};\n", "admin-src/a.tsx": "export {};\n" }, "two files become admin/a.js"],
    [{ "admin-src/cairn-kit.ts": "export {};\n" }, "admin/cairn-kit.js is the kit"],
  ] as const) {
    inPlugin(files, ({ build, made }) => {
      const { passed, output } = build();
      assert.equal(passed, false);
      assert.equal(output.includes(part), true, output);
      assert.deepEqual(made(), []);
    });
  }
});
