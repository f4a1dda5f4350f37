// What the operator has set.

import * as raw from "cairn:plugin/settings@0.1.0";
import { parsed } from "./lower.js";

/** What the operator chose for a `[[choice]]` of the manifest: uids of content types, or origins. Empty where nothing was chosen. */
export function chosen(choice: string): string[] {
  return raw.chosen(choice);
}

/** What the operator calls the site, and where it is, without a slash at the end; undefined where nobody has said. */
export function site(): { name: string; url: string } | undefined {
  return raw.site() ?? undefined;
}

/** The settings: the defaults of their schema, then the operator's values. Secrets are never among them. */
export function settings<T extends object>(): T {
  return parsed<T>(raw.get(), "settings");
}
