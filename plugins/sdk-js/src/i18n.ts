// Texts and formats in the languages of the site and of the package.

import * as raw from "cairn:plugin/i18n@0.1.0";
import { ask } from "./error.js";
import { type Time, instant, maybeJson, text } from "./lower.js";

/** A language of the site. */
export type Locale = raw.Locale;

/** The languages of the site. */
export function locales(): Locale[] {
  return raw.locales();
}

/** A text of the package's `locales/`, in that language or the nearest there is. */
export function translate(key: string, locale: string, args?: Record<string, unknown>): string {
  return raw.translate(text(key, "key"), text(locale, "locale"), maybeJson(args, "args"));
}

/** A time as people of that language write it; `zone` as `Europe/Amsterdam`, `style` as `short`, `medium`, `long`, `full`. */
export function formatInstant(at: Time, locale: string, zone: string, style = "long"): string {
  const given = [text(locale, "locale"), text(zone, "zone"), text(style, "style")] as const;
  return ask(() => raw.formatInstant(instant(at, "at"), ...given));
}

/** An amount of money, which is a decimal in text: it never passes through a floating number. */
export function formatMoney(amount: string, currency: string, locale: string): string {
  return ask(() => raw.formatMoney(text(amount, "amount"), text(currency, "currency"), text(locale, "locale")));
}
