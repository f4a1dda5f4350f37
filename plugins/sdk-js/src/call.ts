// Who a call is for.

import type * as raw from "cairn:plugin/types@0.1.0";

/** Somebody with an account. */
export interface Principal {
  id: string;
  name: string | null;
  roles: string[];
  /** Groups that plugins gave to a user: `journey:assembly`. */
  groups: string[];
}

/** Who the call is for: nobody known, an end user of the API, someone in the admin, an API token, or Cairn itself. */
export type Actor = { kind: "anonymous" } | { kind: "system" } | ({ kind: "user" | "admin" | "token" } & Principal);

/** Given to every handler. */
export interface Call {
  /** Unique per attempt. */
  id: string;
  /** Equal across retries of one event, job or idempotent request. */
  idempotencyKey: string;
  actor: Actor;
  /** Of the actor, or of the site. */
  locale: string;
  /** 1 on the first try. */
  attempt: number;
  /** When the host stops this call. */
  deadline: Date;
}

/** A call as the handlers have it. */
export function callOf(call: raw.Call): Call {
  const { actor } = call;
  const known = "val" in actor ? { kind: actor.tag, ...actor.val } : { kind: actor.tag };
  return { ...call, actor: known as Actor, deadline: new Date(call.deadline) };
}
