// Small private state: nothing an editor should see. It joins the open transaction. Values are kept as JSON.

import * as raw from "cairn:plugin/kv@0.1.0";
import { PluginError, ask } from "./error.js";
import { bytes, json, maybeMillis, maybeText, maybeWhole, parsed, small, text, whole } from "./lower.js";

/** A value with its revision, which grows by one with each write. */
export interface Entry<T> {
  value: T;
  revision: number;
}

/** The value of a key; undefined where there is none, or it has expired. */
export function get<T>(key: string): T | undefined {
  return entry<T>(key)?.value;
}

/** The same with its revision. */
export function entry<T>(key: string): Entry<T> | undefined {
  const found = ask(() => raw.get([text(key, "key")]))[0];
  return found ? { value: parsed<T>(new TextDecoder().decode(found.value), key), revision: found.revision } : undefined;
}

/** How a value is put: for how many milliseconds, and only where it still has that revision (0: where there is none). */
export interface PutOptions {
  expiresIn?: number;
  expectRevision?: number;
}

/** Sets the value of a key. */
export function put(key: string, value: unknown, options: PutOptions = {}): void {
  ask(() =>
    raw.put([
      {
        key: text(key, "key"),
        value: bytes(json(value, "value"), "value"),
        expiresIn: maybeMillis(options.expiresIn, "expiresIn"),
        expectRevision: maybeWhole(options.expectRevision, "expectRevision"),
      },
    ]),
  );
}

/** Sets the value of a key that has none, for so many milliseconds. False where it has one, which stays. */
export function putNew(key: string, value: unknown, expiresIn: number): boolean {
  try {
    put(key, value, { expiresIn, expectRevision: 0 });
    return true;
  } catch (thrown) {
    if (thrown instanceof PluginError && thrown.is("conflict")) {
      return false;
    }
    throw thrown;
  }
}

/** Removes a key; false where it was not there. */
export function remove(key: string): boolean {
  return ask(() => raw.delete([text(key, "key")])) > 0;
}

/** Adds to a counter, which begins at 0, and returns what it is then. */
export function increment(key: string, by = 1, expiresIn?: number): number {
  const step = whole(by, "by", Number.MIN_SAFE_INTEGER);
  return ask(() => raw.increment(text(key, "key"), step, maybeMillis(expiresIn, "expiresIn")));
}

/** Keys that begin so, in their order; `after`: the last one of the page before. */
export function keys(prefix: string, limit = 100, after?: string): string[] {
  return ask(() => raw.listKeys(text(prefix, "prefix"), maybeText(after, "after"), small(limit, "limit")));
}
