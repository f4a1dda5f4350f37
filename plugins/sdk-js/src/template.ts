// Templates as they cross to the host: those of mails, PDFs and pages are said alike.

import type * as raw from "cairn:plugin/templates@0.1.0";
import { text } from "./lower.js";

/** A template: the name of one in the package's `templates/`, or `{ inline }` with the source itself, such as a text an editor wrote. */
export type Template = string | { inline: string };

/** A template as the contract has it. */
export function templateOf(template: Template, where: string): raw.Template {
  return typeof template === "object"
    ? { tag: "inline", val: text(template.inline, `${where}.inline`) }
    : { tag: "named", val: text(template, where) };
}
