// What every call to the host can fail with, and what a plugin's own errors become.

import type * as raw from "cairn:plugin/types@0.1.0";

/** A complaint about one field: `path` is `items[2].price`, or empty for the whole; `code` is for programs, `message` for people. */
export interface FieldError {
  path: string;
  code: string;
  message: string;
}

/** A document as it is addressed. */
export interface DocumentRef {
  contentType: string;
  documentId: string;
  locale: string | null;
}

/** What is in the way: `kind` is `unique`, `version`, `lock`, `state` or `idempotency`. */
export interface Conflict {
  kind: string;
  existing: DocumentRef | null;
  message: string;
}

/** The kinds of errors, with what each says. Times are in milliseconds. */
export type Fault =
  | { tag: "invalid"; val: FieldError[] }
  | { tag: "denied" | "not-found" | "exhausted" | "internal"; val: string }
  | { tag: "conflict"; val: Conflict }
  | { tag: "unavailable"; val: number | null };

/**
 * An error of the contract. Calls to the host throw it, and what a handler throws of it reaches the host as it is. Any other error
 * that leaves a handler is logged with its stack, and told to the host as one of the kind `internal`.
 */
export class PluginError extends Error {
  /** What went wrong. */
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(describe(fault));
    this.name = "PluginError";
    this.fault = fault;
  }

  /** One field is wrong. */
  static field(path: string, code: string, message: string): PluginError {
    return new PluginError({ tag: "invalid", val: [{ path, code, message }] });
  }

  /** Several fields are wrong. */
  static invalid(fields: FieldError[]): PluginError {
    return new PluginError({ tag: "invalid", val: fields });
  }

  /** It may not be done. */
  static denied(what: string): PluginError {
    return new PluginError({ tag: "denied", val: what });
  }

  /** It is not there. */
  static notFound(what: string): PluginError {
    return new PluginError({ tag: "not-found", val: what });
  }

  /** Something is in the way. */
  static conflict(kind: string, message: string): PluginError {
    return new PluginError({ tag: "conflict", val: { kind, existing: null, message } });
  }

  /** Worth trying again, after so many milliseconds where that is known. */
  static unavailable(after: number | null = null): PluginError {
    return new PluginError({ tag: "unavailable", val: after });
  }

  /** Whether it is of that kind. */
  is(tag: Fault["tag"]): boolean {
    return this.fault.tag === tag;
  }

  /** Whether it is a conflict of that kind. */
  isConflict(kind: string): boolean {
    return this.fault.tag === "conflict" && this.fault.val.kind === kind;
  }
}

/** One line for a log or a dead letter. */
export function describe(fault: Fault): string {
  switch (fault.tag) {
    case "invalid":
      return `invalid: ${fault.val.map((field) => `${field.path}: ${field.message}`).join("; ")}`;
    case "denied":
      return `denied: ${fault.val}`;
    case "not-found":
      return `not found: ${fault.val}`;
    case "conflict":
      return `conflict (${fault.val.kind}): ${fault.val.message}`;
    case "exhausted":
      return `exhausted: ${fault.val}`;
    case "unavailable":
      return fault.val === null ? "unavailable" : `unavailable for ${fault.val} ms`;
    case "internal":
      return `internal: ${fault.val}`;
  }
}

const TAGS = new Set(["invalid", "denied", "not-found", "conflict", "exhausted", "unavailable", "internal"]);

/** Whether a value is an error as it crosses to and from the host. */
function isRaw(value: unknown): value is raw.Error {
  return typeof value === "object" && value !== null && "tag" in value && TAGS.has(String(value.tag));
}

/** Calls the host; what it throws becomes a `PluginError`. */
export function ask<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    const payload = typeof thrown === "object" && thrown !== null && "payload" in thrown ? thrown.payload : thrown;
    throw isRaw(payload) ? new PluginError(payload) : thrown;
  }
}

/** The value of a result that the host gave in a list, or its error thrown. */
export function unwrap<T>(result: raw.Result<T> | undefined): T {
  if (result === undefined) {
    throw new PluginError({ tag: "internal", val: "the host gave fewer results than were asked for" });
  }
  if (result.tag === "err") {
    throw new PluginError(result.val);
  }
  return result.val;
}
