// Events of the plugin's own. They join the open transaction.

import * as raw from "cairn:plugin/events@0.1.0";
import { ask } from "./error.js";
import { json, list, maybeJson, maybeText, small, text } from "./lower.js";

/**
 * Publishes an event of the manifest. Events of one key arrive in the order they were written: a document's id, mostly. `version` is
 * that of its data's schema.
 */
export function publish(name: string, key: string, data: unknown, version = 1): void {
  const event = { name: text(name, "name"), key: text(key, "key"), data: json(data, "data"), version: small(version, "version") };
  ask(() => raw.publish([event]));
}

/** Less than a subscription allows. */
export interface Narrowing {
  name: string;
  contentType?: string;
  filters?: Record<string, unknown>;
}

/** Has a subscription hear of these only; `null` lifts that. */
export function narrow(subscription: string, to: Narrowing[] | null): void {
  const one = (narrowing: Narrowing, where: string): raw.Narrowing => ({
    name: text(narrowing.name, `${where}.name`),
    contentType: maybeText(narrowing.contentType, `${where}.contentType`),
    filters: maybeJson(narrowing.filters, `${where}.filters`),
  });
  ask(() => raw.narrow(text(subscription, "subscription"), to === null ? null : list(to, "to", one)));
}
