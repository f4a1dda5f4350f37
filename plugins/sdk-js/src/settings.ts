// What the operator has set.

import * as raw from "cairn:plugin/settings@0.1.0";
import { parsed } from "./lower.js";

/** The settings: the defaults of their schema, then the operator's values. Secrets are never among them. */
export function settings<T extends object>(): T {
  return parsed<T>(raw.get(), "settings");
}
