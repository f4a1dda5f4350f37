// Templates that the host fills in.

import * as raw from "cairn:plugin/templates@0.1.0";
import { ask } from "./error.js";
import { json, text } from "./lower.js";
import { type Template, templateOf } from "./template.js";

export type { Template } from "./template.js";

/** Subject, HTML and text, as far as the template has them. */
export type Rendered = raw.Rendered;

/** A template filled in, for a route or a page. */
export function render(template: Template, model: unknown, locale: string): Rendered {
  return ask(() => raw.render(templateOf(template, "template"), json(model, "model"), text(locale, "locale")));
}
