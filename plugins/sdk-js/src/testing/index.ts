// A host for unit tests: small, in memory, and with nothing behind what it was not told about. `cairn-plugin-js test` has the plugin's
// calls answered by the last one made. What only the real host knows (rights, validation, order of events) is for tests in the real one.

/// <reference path="./node.d.ts" />

import { PluginError } from "../error.js";
import type { Look } from "../settings.js";
import { type Documents, documents } from "./documents.js";
import { type Enqueued, type HttpRequest, type HttpResponse, type Line, type Mailed, interfaces } from "./interfaces.js";

export type { Documents, Enqueued, HttpRequest, HttpResponse, Line, Mailed };
export { call, change, event, request, task } from "./inputs.js";

/** What a fake host begins with. */
export interface FakeHostOptions {
  /** Its clock; 2026-01-01 unless said. */
  now?: Date;
  /** The time of the preview that calls are for; none unless said. The clock stands there if `now` says nothing else. */
  preview?: Date;
  settings?: object;
  /** What `chosen` answers, by the name of the choice. */
  chosen?: Record<string, string[]>;
  /** What `site` answers. */
  site?: { name: string; url: string };
  /** What `look` answers, besides its defaults. */
  look?: Partial<Look>;
  /** Names of the secrets that are set. */
  secrets?: string[];
  /** Names of the signing keys that there are. Their signatures are bytes that fit nothing. */
  signingKeys?: string[];
  /** Documents by content type. Each needs a `documentId`. */
  documents?: Record<string, Record<string, unknown>[]>;
  /** Answers a request of the plugin's; may throw a `PluginError`. Without it, no address is granted. */
  http?: (request: HttpRequest) => HttpResponse;
  /** Texts by key, for `i18n.translate`. */
  texts?: Record<string, string>;
}

/** What a plugin has done to its host, and the levers of a test. */
export interface FakeHost {
  /** Moves the clock. */
  advance(millis: number): void;
  /** Every line of the log. */
  readonly log: Line[];
  /** Every job that was enqueued and not cancelled. */
  readonly jobs: Enqueued[];
  /** Every event that was published. */
  readonly events: { name: string; key: string; data: unknown; version: number }[];
  /** Every mail that was sent. */
  readonly mails: Mailed[];
  /** Every request that was sent, as the host would send it: secrets by name. */
  readonly requests: HttpRequest[];
  /** What is kept under a key. */
  kept(key: string): unknown;
  /** The documents there are. */
  readonly documents: Documents;
  /** How many transactions were committed, and how many were dropped. */
  readonly transactions: { committed: number; dropped: number };
}

const scope = globalThis as Record<string, unknown>;

/** Puts a new fake host in place of the one before. */
export function fakeHost(options: FakeHostOptions = {}): FakeHost {
  const state = {
    now: (options.now ?? options.preview ?? new Date("2026-01-01T00:00:00Z")).getTime(),
    options,
    log: [] as Line[],
    jobs: [] as Enqueued[],
    events: [] as FakeHost["events"],
    mails: [] as Mailed[],
    requests: [] as HttpRequest[],
    kv: new Map<string, { value: Uint8Array; revision: number; until: number }>(),
    documents: documents(options.documents ?? {}),
    transactions: { committed: 0, dropped: 0 },
  };
  const offered: Record<string, Record<string, unknown>> = interfaces(state);
  scope["cairnHost"] = (name: string, part: string): unknown => {
    const found = offered[name]?.[part];
    if (found === undefined) {
      throw new Error(`the fake host has no ${name}.${part}: keep what needs it out of this test`);
    }
    return found;
  };
  return {
    ...state,
    advance(millis) {
      state.now += millis;
    },
    kept(key) {
      const entry = state.kv.get(key);
      return entry === undefined ? undefined : JSON.parse(new TextDecoder().decode(entry.value));
    },
  };
}

/** Whether something throws a `PluginError` of that kind; for `assert.throws`. */
export function isError(tag: PluginError["fault"]["tag"]): (thrown: unknown) => boolean {
  return (thrown) => thrown instanceof PluginError && thrown.is(tag);
}
