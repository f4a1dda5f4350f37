// Several calls that happen together or not at all.

import * as raw from "cairn:plugin/data@0.1.0";
import { ask } from "../error.js";
import { settled } from "../settled.js";

/**
 * Runs `work` in a transaction: all that it stores, by whatever module, is there when it returns and nothing of it when it throws.
 * Inside another one it is a part that can fail alone.
 *
 * The network and PDFs are out of reach meanwhile. Hooks, event handlers and lifecycle steps need none: they run in one.
 */
export function transaction<T>(work: () => T): T {
  const open = ask(() => raw.Transaction.begin());
  let value: T;
  try {
    value = settled(work(), "what runs in a transaction");
  } catch (thrown) {
    open[Symbol.dispose]();
    throw thrown;
  }
  ask(() => raw.Transaction.commit(open));
  return value;
}
