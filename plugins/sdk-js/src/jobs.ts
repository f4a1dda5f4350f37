// Durable work and timers. They join the open transaction: a job exists if and only if it commits.

import * as raw from "cairn:plugin/jobs@0.1.0";
import { PluginError, ask } from "./error.js";
import { type Time, json, list, maybeInstant, maybeText, text, word } from "./lower.js";

/** When and how a job comes. */
export interface JobOptions {
  /** At most one job of this name and key waits. */
  key?: string;
  /** Not before this time. */
  due?: Time;
  /** Jobs of one lane run one after another. */
  lane?: string;
  /** What happens where one of this name and key waits already; `keep` unless said: the new one is dropped. */
  onDuplicate?: raw.Duplicate;
}

/** A job in the making, for `enqueueAll`. */
export interface NewJob extends JobOptions {
  name: string;
  payload?: unknown;
}

/** How a job stands. */
export interface JobState {
  id: string;
  name: string;
  key: string | null;
  due: Date;
  attempt: number;
  /** `waiting`, `running`, `done`, `dead` or `cancelled`. */
  state: string;
  lastError: string | null;
}

/** Sets a job of the manifest, with what its handler gets, and returns its id. */
export function enqueue(name: string, payload: unknown = null, options: JobOptions = {}): string {
  const [id] = enqueueAll([{ ...options, name, payload }]);
  if (id === undefined) {
    throw new PluginError({ tag: "internal", val: "a job without an id" });
  }
  return id;
}

/** A job with a due time and a key. One of that name and key that still waits is moved to the new time and payload. */
export function timer(name: string, key: string, due: Time, payload: unknown = null): string {
  return enqueue(name, payload, { key, due, onDuplicate: "replace" });
}

/** Sets many jobs in one call, all or none, and returns their ids. */
export function enqueueAll(jobs: NewJob[]): string[] {
  const ready = list(jobs, "jobs", (job, where) => ({
    name: text(job.name, `${where}.name`),
    payload: json(job.payload ?? null, `${where}.payload`),
    due: maybeInstant(job.due, `${where}.due`),
    key: maybeText(job.key, `${where}.key`),
    onDuplicate: word(job.onDuplicate ?? "keep", `${where}.onDuplicate`, ["replace", "keep", "refuse"]),
    lane: maybeText(job.lane, `${where}.lane`),
  }));
  return ready.length === 0 ? [] : ask(() => raw.enqueue(ready));
}

/** Cancels the jobs of this name and these keys that wait, and returns how many did. */
export function cancel(name: string, ...keys: string[]): number {
  return keys.length === 0 ? 0 : ask(() => raw.cancel(targets(name, keys)));
}

/** How the last job of this name and key stands; undefined where there was none. */
export function inspect(name: string, key: string): JobState | undefined {
  const state = ask(() => raw.inspect(targets(name, [key])))[0];
  return state ? { ...state, due: new Date(state.due) } : undefined;
}

function targets(name: string, keys: string[]): [string, string][] {
  return list(keys, "keys", (key, where) => [text(name, "name"), text(key, where)]);
}
