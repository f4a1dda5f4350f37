// Templates that the host fills in.

import * as raw from "cairn:plugin/templates@0.1.0";
import { ask } from "./error.js";
import { json, text } from "./lower.js";

/** A template: the name of one in the package's `templates/`, or `{ inline }` with the source itself, such as a text an editor wrote. */
export type Template = string | { inline: string };

/** Subject, HTML and text, as far as the template has them. */
export type Rendered = raw.Rendered;

/** A template filled in, for a route or a page. */
export function render(template: Template, model: unknown, locale: string): Rendered {
  return ask(() => raw.render(named(template, "template"), json(model, "model"), text(locale, "locale")));
}

/** A template as it crosses to the host. */
export function named(template: Template, where: string): raw.Template {
  return typeof template === "object"
    ? { tag: "inline", val: text(template.inline, `${where}.inline`) }
    : { tag: "named", val: text(template, where) };
}
