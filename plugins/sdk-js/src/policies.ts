// Forgetting answers of the read policy.

import * as raw from "cairn:plugin/policies@0.1.0";
import { ask } from "./error.js";
import { texts } from "./lower.js";

/** Has the host ask again wherever an answer depends on one of these keys, from the commit on. */
export function invalidate(...keys: string[]): void {
  ask(() => raw.invalidate(texts(keys, "keys")));
}
