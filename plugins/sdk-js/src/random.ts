// Randomness of the host, seeded in tests. `Math.random` and `crypto.getRandomValues` are wired to the same source.

import * as raw from "cairn:plugin/random@0.1.0";
import { small } from "./lower.js";

/** So many bytes that nobody can foretell. */
export function bytes(count: number): Uint8Array {
  return raw.bytes(small(count, "count"));
}

/** A new id in the form of a document's, later ones sorting later. */
export function newId(): string {
  return raw.newId();
}
