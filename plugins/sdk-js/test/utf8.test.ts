// Text as bytes, held against Node's own.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode } from "../src/utf8.js";

const TEXTS = ["", "a", "é", "€", "😀", "a\u0000b", "\uFEFFx", "\ud800", "\udc00", "a\ud800b", "\ud800\ud800\udc00", "\uffff", "\u{10ffff}", "x".repeat(10_000), "😀".repeat(5_000)];

test("text is encoded as Node does", () => {
  for (const text of TEXTS) {
    assert.deepEqual(encode(text), new TextEncoder().encode(text));
  }
});

test("bytes are decoded as Node does, broken ones too", () => {
  const node = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const broken = [[0xff], [0xc0, 0x80], [0xc1], [0xe0, 0x80, 0x80], [0xe0, 0xa0], [0xed, 0xa0, 0x80], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x90, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5], [0x80], [0xe2, 0x82, 0x41], [0xf0, 0x9f, 0x98, 0xe2, 0x82, 0xac]];
  for (const bytes of [...TEXTS.map((text) => new TextEncoder().encode(text)), ...broken.map((list) => new Uint8Array(list))]) {
    assert.equal(decode(bytes), node(bytes));
  }
  let seed = 1;
  for (let round = 0; round < 2_000; round++) {
    const bytes = Uint8Array.from({ length: round % 12 }, () => {
      seed = (seed * 48_271) % 0x7fff_ffff;
      return [0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0xf0, 0x9f, 0xf4, 0x8f, 0xff][seed % 12] ?? 0;
    });
    assert.equal(decode(bytes), node(bytes), bytes.join());
  }
});

test("who wants no repair gets an error", () => {
  assert.throws(() => decode(new Uint8Array([0xff]), true), /no UTF-8/);
  assert.equal(decode(encode("é"), true), "é");
});
