// Whether the declarations of `src/raw` are those of the contract.

import assert from "node:assert/strict";
import { test } from "node:test";
import { contract, declared } from "./contract.mjs";

test("every function of the contract is declared, and no other", () => {
  assert.deepEqual(declared(), contract());
});
