// The host's clock: it stands still within a transaction and is moved by hand in tests. `Date` is wired to the same source.

import * as raw from "cairn:plugin/clock@0.1.0";

/** Now. */
export function now(): Date {
  return new Date(raw.now());
}

/** Milliseconds since the call began; never goes back. For measuring only. */
export function elapsed(): number {
  return raw.elapsed();
}
