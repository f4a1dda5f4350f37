// Time zones, by the host's rules. Every list has at most 1,000 entries, and the result is in its order.

import * as raw from "cairn:plugin/zones@0.1.0";
import { ask } from "./error.js";
import { type Time, instant, list, text, texts } from "./lower.js";

/** The local times of times, as `2026-03-29T09:30:00`; `zone` as `Europe/Amsterdam`. */
export function toLocal(zone: string, at: readonly Time[]): string[] {
  return ask(() => raw.toLocal(text(zone, "zone"), list(at, "at", instant)));
}

/** When clocks show these local times, such as `2026-03-29T09:30`. A time that they skip moves forward by what they skip; of one that
 * comes twice it is the first. */
export function toInstants(zone: string, local: readonly string[]): Date[] {
  return ask(() => raw.toInstants(text(zone, "zone"), texts(local, "local"))).map((at) => new Date(at));
}

/** The times that are later by ISO 8601 durations (`P1D`, `P4M`, `PT36H`, `-P1W`). Dates are counted on the zone's calendar and keep the
 * hour of the clock; hours, minutes and seconds are elapsed time. */
export function plus(zone: string, start: Time, durations: readonly string[]): Date[] {
  const given = [text(zone, "zone"), instant(start, "start"), texts(durations, "durations")] as const;
  return ask(() => raw.plus(...given)).map((at) => new Date(at));
}
