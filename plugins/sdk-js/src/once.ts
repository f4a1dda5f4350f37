// Effects that happen once, although events and jobs come at least once.

import { putNew } from "./kv.js";

/** As long as the host keeps events by default, and a day: nothing is delivered again after that. */
const REMEMBERED = 31 * 24 * 3_600_000;

/**
 * Runs `work` unless it has run for this `id` before: an event's id, or whatever names the effect. Undefined where it has.
 *
 * The id is kept in the same transaction as what `work` stores, so that both are there or neither: call it where one is open, as in
 * an event handler. Ids are remembered for 31 days.
 */
export function once<T>(id: string, work: () => T): T | undefined {
  return putNew(`once/${id}`, true, REMEMBERED) ? work() : undefined;
}
