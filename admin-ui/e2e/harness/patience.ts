import { vi } from 'vitest';

/**
 * Limits of the tests, all of which go through here. They are those of a developer's machine with nothing else to do; `CAIRN_TEST_PATIENCE`, a number
 * of at least 1, multiplies them for one that compiles meanwhile. `cargo xtask test` sets it, and the tests of the crates read it too.
 */
const FACTOR = readFactor(process.env.CAIRN_TEST_PATIENCE);

function readFactor(text: string | undefined): number {
  const factor = Number(text);
  return Number.isFinite(factor) && factor >= 1 ? factor : 1;
}

/** A limit in milliseconds, as long as this machine deserves. */
export function extendLimit(milliseconds: number): number {
  return milliseconds * FACTOR;
}

/** Longest time in milliseconds that one thing is waited for. Pages ask again after ten seconds: what they learn then has to fit in. */
export const STEP_LIMIT = extendLimit(15_000);

/** The value that `find` finds, once it does: what follows from a change comes a moment later. */
export function waitForValue<Value>(find: () => Promise<Value | undefined>): Promise<Value> {
  return vi.waitUntil(find, { timeout: extendLimit(40_000), interval: 200 }) as Promise<Value>;
}
