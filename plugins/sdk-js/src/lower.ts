// Values on their way to the host. A value that does not fit its type there would end the call without a word, so each is looked at
// here first, and one that does not fit is a `TypeError` that names it: a fault of the plugin, as its compiler would have found it.

import { PluginError } from "./error.js";

/** A value that JSON can say. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };

/** A time: a `Date`, or milliseconds since 1970. */
export type Time = Date | number;

/** Largest whole number that crosses without loss. */
const SAFE = Number.MAX_SAFE_INTEGER;

function wrong(where: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${where} has to be ${expected}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (value === null || value === undefined || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (typeof value === "string") {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  }
  return Array.isArray(value) ? "a list" : `a value of the type ${typeof value}`;
}

/** Text. Halves of surrogate pairs, which no UTF-8 has, become U+FFFD. */
export function text(value: unknown, where: string): string {
  if (typeof value !== "string") {
    throw wrong(where, "text", value);
  }
  return wellFormed(value);
}

/** The same text without halves of surrogate pairs. */
export function wellFormed(value: string): string {
  return value.toWellFormed();
}

/** Text, or null where there is none. */
export function maybeText(value: unknown, where: string): string | null {
  return value === undefined || value === null ? null : text(value, where);
}

/** A whole number within bounds. */
export function whole(value: unknown, where: string, least = 0, most = SAFE): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw wrong(where, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}

/** A number of 32 bits. */
export function small(value: unknown, where: string): number {
  return whole(value, where, 0, 0xffff_ffff);
}

/** A number, or null where there is none. */
export function maybeWhole(value: unknown, where: string): number | null {
  return value === undefined || value === null ? null : whole(value, where);
}

/** A span of time in milliseconds; fractions are cut off, what is beyond the largest number is that. */
export function millis(value: unknown, where: string): number {
  if (typeof value !== "number" || Number.isNaN(value) || value < 0) {
    throw wrong(where, "a span of milliseconds", value);
  }
  return Math.min(Math.floor(value), SAFE);
}

/** A span of time, or null where there is none. */
export function maybeMillis(value: unknown, where: string): number | null {
  return value === undefined || value === null ? null : millis(value, where);
}

/** A time in milliseconds since 1970. */
export function instant(value: unknown, where: string): number {
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== "number" || !Number.isFinite(time)) {
    throw wrong(where, "a Date that is one, or milliseconds since 1970", value);
  }
  return whole(Math.floor(time), where, -SAFE);
}

/** A time, or null where there is none. */
export function maybeInstant(value: unknown, where: string): number | null {
  return value === undefined || value === null ? null : instant(value, where);
}

/** A number that is one. */
export function finite(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw wrong(where, "a number", value);
  }
  return value;
}

/** True or false; false where nothing is said. */
export function flag(value: unknown, where: string): boolean {
  if (value !== undefined && typeof value !== "boolean") {
    throw wrong(where, "true or false", value);
  }
  return value ?? false;
}

/** One of some words. */
export function word<T extends string>(value: unknown, where: string, words: readonly T[]): T {
  const found = words.find((known) => known === value);
  if (found === undefined) {
    throw wrong(where, words.map((known) => `"${known}"`).join(" or "), value);
  }
  return found;
}

/** A list, each part by itself; empty where there is none. */
export function list<T, R>(value: readonly T[] | undefined | null, where: string, each: (one: T, where: string) => R): R[] {
  if (value === undefined || value === null) {
    return [];
  }
  if (!Array.isArray(value)) {
    throw wrong(where, "a list", value);
  }
  return Array.from(value as readonly T[], (one, i) => each(one, `${where}[${i}]`));
}

/** A list of texts. */
export function texts(value: readonly string[] | undefined | null, where: string): string[] {
  return list(value, where, text);
}

/** Pairs of texts, from an object or a list of pairs. */
export function pairs(value: Pairs | undefined, where: string): [string, string][] {
  const given = value === undefined ? [] : Array.isArray(value) ? value : Object.entries(value);
  return list(given as [string, string][], where, (pair, at) => [text(pair?.[0], at), text(pair?.[1], at)]);
}

/** Names with values: an object, or a list of pairs where a name comes more than once. */
export type Pairs = Record<string, string> | readonly (readonly [string, string])[];

/** A value as the JSON that crosses to the host. */
export function json(value: unknown, where: string): string {
  let written: string | undefined;
  try {
    written = JSON.stringify(value);
  } catch (error) {
    throw new TypeError(`${where} is no JSON: ${error instanceof Error ? error.message : "it cannot be written"}`);
  }
  if (written === undefined) {
    throw wrong(where, "a value that JSON can say", value);
  }
  return wellFormed(written);
}

/** The same, or null where there is none. */
export function maybeJson(value: unknown, where: string): string | null {
  return value === undefined || value === null ? null : json(value, where);
}

/** JSON text as a value of the type that the caller says it has. */
export function parsed<T>(text: string, where: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw PluginError.field(where, "json", text.trim() === "" ? "There is no body, where JSON is expected" : `This is no JSON: ${why}`);
  }
}

/** Bytes: as they are, or text in UTF-8. */
export function bytes(value: Bytes, where: string): Uint8Array {
  if (typeof value === "string") {
    return new TextEncoder().encode(value);
  }
  if (value instanceof ArrayBuffer) {
    return new Uint8Array(value);
  }
  // A list of bytes that has its elements elsewhere, a `DataView` say, is none that crosses.
  if (value instanceof Uint8Array) {
    return value;
  }
  throw wrong(where, "bytes or text", value);
}

/** Bytes, or text that goes as UTF-8. */
export type Bytes = Uint8Array | ArrayBuffer | string;
