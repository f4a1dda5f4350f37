// The log and metrics. Lines belong to the call they are written in, and to the request behind it.

import * as raw from "cairn:plugin/log@0.1.0";
import { finite, pairs, text, wellFormed, whole } from "./lower.js";

/** Names with values, beside a line's text. */
export type Fields = Record<string, string | number | boolean>;

/** A line for who looks for a fault. */
export function debug(message: string, fields?: Fields): void {
  emit("debug", message, fields);
}

/** A line about what happened. */
export function info(message: string, fields?: Fields): void {
  emit("info", message, fields);
}

/** A line about what should not happen, but does no harm. */
export function warn(message: string, fields?: Fields): void {
  emit("warn", message, fields);
}

/** A line about what somebody has to look at. */
export function error(message: string, fields?: Fields): void {
  emit("error", message, fields);
}

/** A line of any level. Never throws: what is no text is written as it can be. */
export function emit(level: raw.Level, message: string, fields: Fields = {}): void {
  raw.emit(level, wellFormed(String(message)), scalars(fields));
}

/** Adds to a counter of the manifest. */
export function counter(name: string, add = 1, labels: Record<string, string> = {}): void {
  raw.counter(text(name, "name"), whole(add, "add"), pairs(labels, "labels"));
}

/** A measured value, for a histogram of the manifest. */
export function observe(name: string, value: number, labels: Record<string, string> = {}): void {
  raw.observe(text(name, "name"), finite(value, "value"), pairs(labels, "labels"));
}

/** Runs `work` as a span of the trace, which an error marks as failed. */
export function span<T>(name: string, work: () => T, fields: Fields = {}): T {
  const span = new raw.Span(text(name, "name"), scalars(fields));
  try {
    return work();
  } catch (thrown) {
    span.fail(wellFormed(String(thrown)));
    throw thrown;
  } finally {
    span[Symbol.dispose]();
  }
}

function scalars(fields: Fields): raw.Fields {
  return Object.entries(fields).map(([name, value]) => [wellFormed(name), scalar(value)]);
}

function scalar(value: unknown): raw.Scalar {
  if (typeof value === "boolean") {
    return { tag: "boolean", val: value };
  }
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? { tag: "integer", val: value } : { tag: "number", val: value };
  }
  return { tag: "text", val: wellFormed(String(value)) };
}
