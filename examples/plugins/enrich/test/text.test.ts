import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, plain, words } from "../src/text.js";

test("markup is no text", () => {
  assert.equal(plain("# Title\n\n> *one* [two](https://example.com) <b>three</b>&nbsp;![four](a.png)"), "Title\n\none two three four");
});

test("markup that never ends takes no time", () => {
  const began = Date.now();
  for (const part of ["<", "[", "[a](", "*", "\n", "- "]) {
    plain(part.repeat(200_000));
  }
  assert(Date.now() - began < 2_000);
});

test("words are counted in any writing", () => {
  assert.deepEqual([words(""), words("  – "), words("één twee, 3 четыре")], [0, 0, 4]);
});

test("texts that differ have other marks", () => {
  const marks = new Set(Array.from({ length: 5_000 }, (_, i) => fingerprint(`text ${i}`)));
  assert.equal(marks.size, 5_000);
  assert.equal(fingerprint("a"), fingerprint("a"));
});
