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

/** How a site looks and where it is at home: what the operator chose, and a default for the rest. */
export interface Look {
  /** A colour as `#rrggbb`. */
  accent: string;
  /** The colour of text on it. */
  onAccent: string;
  /** The address of a picture, for pages and mails. */
  logo?: string;
  /** The name of a time zone; `UTC` where the operator has chosen none. */
  zone: string;
  /** The default locale. */
  locale: string;
}

/** How the site looks and where it is at home. */
export function look(): Look {
  const { accent, onAccent, logo, zone, locale } = raw.look();
  return { accent, onAccent, zone, locale, ...(logo === null ? {} : { logo }) };
}

/** The settings: the defaults of their schema, then the operator's values. Secrets are never among them. */
export function settings<T extends object>(): T {
  return parsed<T>(raw.get(), "settings");
}
