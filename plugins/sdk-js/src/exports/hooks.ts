// Deciding over changes before they are stored.

import type { Call as RawCall, Conflict as RawConflict, FieldError as RawFieldError } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import type { Conflict, FieldError } from "../error.js";
import { json, list, parsed, text } from "../lower.js";
import { settled } from "../settled.js";
import { answering, handler, soundField } from "./guard.js";

/** What happens to a document. */
export type Action = "create" | "update" | "delete" | "publish" | "unpublish" | "discard-draft";

interface RawChange {
  action: Action;
  contentType: string;
  documentId: string;
  locale: string | null;
  before: string | null;
  after: string | null;
  changed: string[];
  origin: string;
}

type RawDecision =
  | { tag: "allow" }
  | { tag: "amend"; val: string }
  | { tag: "refuse"; val: RawFieldError[] }
  | { tag: "conflict"; val: RawConflict };

/** A change that is about to be stored. */
export class Change {
  readonly action: Action;
  readonly contentType: string;
  /** Already assigned for `create`. */
  readonly documentId: string;
  readonly locale: string | null;
  /** Top-level fields that differ. */
  readonly changed: string[];
  /** `rest`, `admin`, `import` or `plugin:<id>`. */
  readonly origin: string;
  private readonly texts: { before: string | null; after: string | null };

  constructor(change: RawChange) {
    this.action = change.action;
    this.contentType = change.contentType;
    this.documentId = change.documentId;
    this.locale = change.locale;
    this.changed = change.changed;
    this.origin = change.origin;
    this.texts = { before: change.before, after: change.after };
  }

  /** The stored document, cut down to the fields that the manifest selects; undefined for one that is new. */
  before<T extends object = Record<string, unknown>>(): T | undefined {
    return this.texts.before === null ? undefined : parsed<T>(this.texts.before, "before");
  }

  /** The document about to be stored, cut down to those fields; undefined for one that is deleted. */
  after<T extends object = Record<string, unknown>>(): T | undefined {
    return this.texts.after === null ? undefined : parsed<T>(this.texts.after, "after");
  }
}

/** What becomes of a change. */
export type Decision =
  | { decide: "allow" }
  | { decide: "amend"; patch: object }
  | { decide: "refuse"; fields: FieldError[] }
  | { decide: "conflict"; conflict: Conflict };

/** Stores it as it is. */
export const allow: Decision = { decide: "allow" };

/** Stores it with these fields in place of what was sent: a JSON merge patch. */
export function amend(patch: object): Decision {
  return { decide: "amend", patch };
}

/** Turns it down, with one complaint about a field. */
export function refuse(path: string, code: string, message: string): Decision {
  return refuseAll([{ path, code, message }]);
}

/** Turns it down, with several. */
export function refuseAll(fields: FieldError[]): Decision {
  return { decide: "refuse", fields };
}

/**
 * Turns it down because of what is there already (409): nothing is wrong with it, and later it may be right. `kind` is for programs:
 * `unique`, `state` or a word of the plugin's own.
 */
export function conflict(kind: string, message: string): Decision {
  return { decide: "conflict", conflict: { kind, existing: null, message } };
}

/** Decides over one change. */
export type Hook = (change: Change, call: Call) => Decision;

/** Decides over all changes of a request at once: one decision per change, in their order. */
export interface BatchHook {
  all(changes: Change[], call: Call): Decision[];
}

/**
 * A function for each `[[hook]]` of the manifest, by its name; both phases. Those of the phase `before` run inside the transaction of
 * the request: what they read and write joins it. An error rolls the request back; a `PluginError` of the kinds `invalid`, `denied`,
 * `not-found` and `conflict` is the client's answer, as a route's is (400 with the fields, 403, 404, 409).
 */
export type Hooks = Record<string, Hook | BatchHook>;

type Decide = (call: RawCall, hook: string, changes: RawChange[]) => RawDecision[];

/** The interface as the component exports it. */
export function hooksExport(hooks: Hooks): { prepare: Decide; before: Decide } {
  const decide: Decide = (call, name, changes) => answering(() => run(handler(hooks, name, "hooks"), name, changes, callOf(call)));
  return { prepare: decide, before: decide };
}

function run(hook: Hook | BatchHook, name: string, changes: RawChange[], call: Call): RawDecision[] {
  const given = changes.map((change) => new Change(change));
  const decisions = typeof hook === "function" ? given.map((change) => hook(change, call)) : hook.all(given, call);
  const all = list(settled(decisions, `hooks["${name}"]`), `hooks["${name}"]`, lowered);
  if (all.length !== changes.length) {
    throw new TypeError(`hooks["${name}"] gave ${all.length} decisions for ${changes.length} changes`);
  }
  return all;
}

function lowered(decision: Decision, where: string): RawDecision {
  switch (settled(decision, where)?.decide) {
    case "allow":
      return { tag: "allow" };
    case "amend":
      return { tag: "amend", val: json((decision as { patch: object }).patch, where) };
    case "refuse":
      return { tag: "refuse", val: list((decision as { fields: FieldError[] }).fields, where, soundField) };
    case "conflict": {
      const { kind, message } = (decision as { conflict: Conflict }).conflict;
      return {
        tag: "conflict",
        val: { kind: text(kind, `${where}.kind`), existing: null, message: text(message, `${where}.message`) },
      };
    }
    default:
      throw new TypeError(`${where} is no decision: return allow, amend(…), refuse(…) or conflict(…)`);
  }
}
