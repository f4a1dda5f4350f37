// Reacting to what was committed.

import type { Call as RawCall } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import { describe } from "../error.js";
import { parsed, wellFormed } from "../lower.js";
import { begin } from "../running.js";
import { settled } from "../settled.js";
import { faultOf, handler, isSpan, unexpected } from "./guard.js";

interface RawEvent {
  id: string;
  sequence: number;
  name: string;
  key: string;
  at: number;
  data: string;
  version: number;
  origin: string;
  replayed: boolean;
}

type RawAck = { tag: "done" } | { tag: "retry"; val: [string, number | null] } | { tag: "reject"; val: string };

/** Something that happened. */
export class Event {
  /** Stable across redeliveries. */
  readonly id: string;
  /** Grows within a key. */
  readonly sequence: number;
  readonly name: string;
  readonly key: string;
  readonly at: Date;
  /** The version of its data's schema. */
  readonly version: number;
  /** As in `Change`; lets a plugin know its own echo. */
  readonly origin: string;
  /** Set when an operator plays old events again. */
  readonly replayed: boolean;
  private readonly text: string;

  constructor(event: RawEvent) {
    this.id = event.id;
    this.sequence = event.sequence;
    this.name = event.name;
    this.key = event.key;
    this.at = new Date(event.at);
    this.version = event.version;
    this.origin = event.origin;
    this.replayed = event.replayed;
    this.text = event.data;
  }

  /** What the event says. */
  data<T = unknown>(): T {
    return parsed<T>(this.text, "data");
  }

  /** The id of the document that an event of the kind `cairn.document.*` is about; else its key. */
  documentId(): string {
    const data = this.data<{ documentId?: unknown } | null>();
    return typeof data?.documentId === "string" ? data.documentId : this.key;
  }
}

/** Handled. */
export const handled: Ack = { ack: "done" };

/** What becomes of an event. */
export type Ack = { ack: "done" } | { ack: "retry"; why: string; after?: number | undefined } | { ack: "reject"; why: string };

/** It comes again: by the manifest's policy, or after so many milliseconds. */
export function retryEvent(why: string, after?: number): Ack {
  return { ack: "retry", why, after };
}

/** Straight to the dead letters. */
export function reject(why: string): Ack {
  return { ack: "reject", why };
}

/** Handles one event. An error is turned into an `Ack` by `ackOf`. */
export type EventHandler = (event: Event, call: Call) => Ack | void;

/** Handles a batch at once: one ack per event, or none for all done. */
export interface BatchEventHandler {
  all(events: Event[], call: Call): Ack[] | void;
}

/**
 * A function for each `[[subscription]]` of the manifest, by its name. Events come at least once, in order per key. The whole call is
 * one transaction: with any answer but done, what it stored is rolled back and the events come again one by one.
 */
export type Subscriptions = Record<string, EventHandler | BatchEventHandler>;

type Handle = (call: RawCall, subscription: string, events: RawEvent[]) => RawAck[];

/** The interface as the component exports it. */
export function subscriptionsExport(events: Subscriptions): { handle: Handle } {
  return {
    handle(call, name, raw) {
      begin();
      try {
        const given = raw.map((event) => new Event(event));
        const found = handler(events, name, "subscriptions");
        return typeof found === "function" ? each(found, name, given, callOf(call)) : all(found, name, given, callOf(call));
      } catch (thrown) {
        const ack = lowered(ackOf(thrown));
        return raw.map(() => ack);
      }
    },
  };
}

/** The first that fails undoes all: those after it are not tried. */
function each(handle: EventHandler, name: string, events: Event[], call: Call): RawAck[] {
  let failed: RawAck | undefined;
  return events.map((event) => {
    if (failed !== undefined) {
      return failed;
    }
    let ack: RawAck;
    try {
      ack = lowered(settled(handle(event, call), `subscriptions["${name}"]`) ?? handled);
    } catch (thrown) {
      ack = lowered(ackOf(thrown));
    }
    failed = ack.tag === "done" ? undefined : { tag: "retry", val: ["an event before it was not handled", null] };
    return ack;
  });
}

function all(handler: BatchEventHandler, name: string, events: Event[], call: Call): RawAck[] {
  const acks = settled(handler.all(events, call), `subscriptions["${name}"]`);
  if (acks === undefined) {
    return events.map(() => ({ tag: "done" }));
  }
  if (acks.length !== events.length) {
    throw new TypeError(`subscriptions["${name}"] gave ${acks.length} acks for ${events.length} events`);
  }
  return acks.map(lowered);
}

/**
 * What to answer for an error: faults that a repetition cannot cure go to the dead letters, all others come again, by the manifest's
 * policy or after the time the host named.
 */
export function ackOf(thrown: unknown): Ack {
  const fault = faultOf(thrown);
  if (fault === undefined) {
    return retryEvent(unexpected(thrown));
  }
  switch (fault.tag) {
    case "unavailable":
      return retryEvent("unavailable", fault.val ?? undefined);
    case "invalid":
    case "denied":
      return reject(describe(fault));
    default:
      return retryEvent(describe(fault));
  }
}

function lowered(ack: Ack): RawAck {
  switch (ack?.ack) {
    case "done":
      return { tag: "done" };
    case "retry":
      return { tag: "retry", val: [wellFormed(String(ack.why)), isSpan(ack.after) ? Math.floor(ack.after) : null] };
    case "reject":
      return { tag: "reject", val: wellFormed(String(ack.why)) };
    default:
      throw new TypeError("an event handler returns nothing, handled, retryEvent(…) or reject(…)");
  }
}
