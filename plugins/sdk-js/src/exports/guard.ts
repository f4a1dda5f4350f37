// What stands between a handler and the host: whatever is thrown becomes an answer of the contract.

import * as log from "cairn:plugin/log@0.1.0";
import type * as raw from "cairn:plugin/types@0.1.0";
import { type Fault, PluginError } from "../error.js";
import { wellFormed } from "../lower.js";
import { begin } from "../running.js";
import { inModules } from "./stack.js";

/** Longest text of an error that is not one of the contract, in characters. */
const MOST = 2_000;

/** Runs what answers a call; what it throws is thrown as the host knows it. */
export function answering<T>(work: () => T): T {
  begin();
  try {
    return work();
  } catch (thrown) {
    throw fault(thrown);
  }
}

/** An error as the host knows it. One that is not of the contract is a fault of the plugin: its stack goes to the log. */
export function fault(thrown: unknown): raw.Error {
  const known = faultOf(thrown);
  return known === undefined ? { tag: "internal", val: unexpected(thrown) } : sound(known);
}

/** What an error of the contract says; undefined for any other. */
export function faultOf(thrown: unknown): Fault | undefined {
  return is(thrown, PluginError) ? thrown.fault : undefined;
}

/** As `instanceof`, which itself throws for some of what can be thrown. */
function is<T>(thrown: unknown, type: abstract new (...args: never[]) => T): thrown is T {
  try {
    return thrown instanceof type;
  } catch {
    return false;
  }
}

/** Writes an error that is not of the contract to the log, with its stack, and returns it in a line. */
export function unexpected(thrown: unknown): string {
  const message = said(thrown);
  const stack = is(thrown, Error) && typeof thrown.stack === "string" ? inModules(thrown.stack) : "";
  const fields: log.Fields = stack === "" ? [] : [["stack", { tag: "text", val: cut(stack) }]];
  log.emit("error", `thrown: ${message}`, fields);
  return message;
}

/** What was thrown, in a line. Never throws itself, whatever it is. */
function said(thrown: unknown): string {
  try {
    return cut(String(thrown));
  } catch {
    return "something that cannot be written";
  }
}

function cut(text: string): string {
  return wellFormed(text.length > MOST ? `${text.slice(0, MOST)}…` : text);
}

/** The same error with every part of the type that the host takes: a plugin in JavaScript may have put in anything. */
function sound(fault: Fault): raw.Error {
  switch (fault.tag) {
    case "invalid":
      return { tag: "invalid", val: (Array.isArray(fault.val) ? fault.val : []).map(soundField) };
    case "conflict":
      return { tag: "conflict", val: { kind: textOf(fault.val.kind), existing: null, message: textOf(fault.val.message) } };
    case "unavailable":
      return { tag: "unavailable", val: isSpan(fault.val) ? Math.floor(fault.val) : null };
    case "denied":
    case "not-found":
    case "exhausted":
    case "internal":
      return { tag: fault.tag, val: textOf(fault.val) };
    default:
      return { tag: "internal", val: "an error of no known kind" };
  }
}

/** A complaint about a field, all of it text. */
export function soundField(field: raw.FieldError): raw.FieldError {
  return { path: textOf(field.path), code: textOf(field.code), message: textOf(field.message) };
}

function textOf(value: unknown): string {
  return wellFormed(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
}

/** Whether it is a span of time that crosses: milliseconds, from 0 on. */
export function isSpan(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** The handler of a name, or an error that says which is missing. */
export function handler<H>(handlers: Record<string, H> | undefined, name: string, table: string): H {
  const found = handlers !== undefined && Object.hasOwn(handlers, name) ? handlers[name] : undefined;
  if (found === undefined) {
    throw PluginError.field("", "unimplemented", `the plugin has no \`${table}["${name}"]\` for "${name}" of its manifest`);
  }
  return found;
}

/**
 * Looks, when the component is built, whether each section of the manifest has its handler: a rule that is not there must not look
 * like one that allows.
 */
export function expect(handlers: unknown, names: string[], table: string, section: string): void {
  const there = typeof handlers === "object" && handlers !== null ? Object.keys(handlers) : [];
  const missing = names.filter((name) => !there.includes(name));
  const unknown = there.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new Error(`plugin.toml has ${section} ${quoted(missing)}, and \`${table}\` of main.ts no handler of that name`);
  }
  if (unknown.length > 0) {
    throw new Error(`\`${table}\` of main.ts has ${quoted(unknown)}, and plugin.toml no ${section} of that name`);
  }
}

function quoted(names: string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
