// The files in the package's folder `public/`, which every visitor may load.

import * as raw from "cairn:plugin/public-files@0.1.0";
import { ask } from "./error.js";
import { text } from "./lower.js";

/** The address of such a file, by its path in the folder, for pages: `/plugins/desk/1.2.0/form.js?v=5f0c…`. It changes with the file's
 * content, so browsers keep what they loaded. */
export function url(path: string): string {
  return ask(() => raw.url(text(path, "path")));
}
