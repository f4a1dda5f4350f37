// The contract's interfaces over the state of a fake host.

import type * as rawData from "cairn:plugin/data@0.1.0";
import type * as rawHttp from "cairn:plugin/http-client@0.1.0";
import type * as rawJobs from "cairn:plugin/jobs@0.1.0";
import type * as rawKv from "cairn:plugin/kv@0.1.0";
import type * as rawLog from "cairn:plugin/log@0.1.0";
import type * as rawMail from "cairn:plugin/mail@0.1.0";
import type { Error as Fault, Result } from "cairn:plugin/types@0.1.0";
import { PluginError } from "../error.js";
import type { FakeHost, FakeHostOptions } from "./index.js";

/** A line of the log. */
export interface Line {
  level: string;
  message: string;
  fields: Record<string, string | number | boolean>;
}

/** A job that waits. */
export interface Enqueued {
  name: string;
  payload: unknown;
  key: string | null;
  due: Date | null;
}

/** A mail that was sent. */
export interface Mailed {
  key: string;
  to: string[];
  template: string;
  model: unknown;
  locale: string;
  /** The event of an invitation. */
  invitation?: rawMail.Invitation;
}

/** A request of the plugin to another host. */
export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  /** Header names, with the secrets that the host would put in. */
  secrets: Record<string, string>;
  body: string;
  timeout: number | null;
}

/** The response of another host. */
export interface HttpResponse {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

interface State extends Omit<FakeHost, "advance" | "kept"> {
  now: number;
  options: FakeHostOptions;
  kv: Map<string, { value: Uint8Array; revision: number; until: number }>;
}

/** All of the contract that a fake host has, by interface and function. */
export function interfaces(state: State): Record<string, Record<string, unknown>> {
  const { options } = state;
  const secrets = new Set(options.secrets ?? []);
  return {
    clock: { now: () => state.now, elapsed: () => 0 },
    preview: { current: () => (options.preview === undefined ? null : { at: options.preview.getTime() }) },
    random: { bytes: (count: number) => new Uint8Array(count).fill(7), newId: () => "new-id" },
    settings: {
      get: () => JSON.stringify(options.settings ?? {}),
      chosen: (choice: string) => options.chosen?.[choice] ?? [],
      site: () => options.site ?? null,
      look: () => ({ accent: "#1f4b99", onAccent: "#ffffff", logo: null, zone: "UTC", locale: "en", ...options.look }),
    },
    secrets: { isSet: (name: string) => secrets.has(name) },
    signing: signing(new Set(options.signingKeys ?? [])),
    i18n: { translate: (key: string) => options.texts?.[key] ?? key },
    log: { ...log(state), counter: () => {}, observe: () => {} },
    kv: kv(state),
    jobs: jobs(state),
    events: {
      publish: (events: { name: string; key: string; data: string; version: number }[]) =>
        void state.events.push(...events.map((event) => ({ ...event, data: JSON.parse(event.data) as unknown }))),
    },
    mail: {
      send: (messages: rawMail.Message[]) => messages.map((message) => mailed(state, message)),
      sendInvitations: (messages: rawMail.InvitationMail[]) =>
        messages.map(({ message, invitation }) => mailed(state, message, { invitation })),
    },
    data: {
      read: (reads: rawData.ReadOp[]) => state.documents.read(reads),
      measureGroups: (): never => {
        throw new Error("the fake host does not aggregate");
      },
      write: (writes: rawData.WriteOp[]) => state.documents.write(writes),
      createWithId: (creates: rawData.IdentifiedCreate[]) => state.documents.createWithId(creates),
      Transaction: transactions(state),
    },
    "http-client": { send: (requests: rawHttp.Request[]) => requests.map((request) => answered(state, request)) },
  };
}

function mailed(state: State, message: rawMail.Message, more: Pick<Mailed, "invitation"> = {}): string {
  const { key, to, template, model, locale } = message;
  state.mails.push({ key, to, template: template.val, model: JSON.parse(model), locale, ...more });
  return `mail-${state.mails.length}`;
}

function signing(keys: Set<string>): Record<string, unknown> {
  const jwk = (key: string) => {
    if (!keys.has(key)) {
      throw { tag: "not-found", val: `the signing key "${key}" is not set` } satisfies Fault;
    }
    return { kty: "EC", alg: "ES256", use: "sig", kid: `kid-of-${key}` };
  };
  return {
    sign: (key: string) => ({ algorithm: "es256", kid: jwk(key).kid, bytes: new Uint8Array(64).fill(7) }),
    publicJwk: (key: string) => JSON.stringify(jwk(key)),
    publicJwkSet: (key: string) => JSON.stringify({ keys: [jwk(key)] }),
  };
}

function log(state: State): { emit: typeof rawLog.emit } {
  return {
    emit: (level, message, fields) =>
      void state.log.push({ level, message, fields: Object.fromEntries(fields.map(([name, { val }]) => [name, val])) }),
  };
}

function kv(state: State): Record<string, unknown> {
  const live = (key: string): rawKv.Entry | null => {
    const entry = state.kv.get(key);
    return entry === undefined || entry.until <= state.now ? null : { key, value: entry.value, revision: entry.revision };
  };
  const until = (expiresIn: number | null): number => (expiresIn === null ? Number.POSITIVE_INFINITY : state.now + expiresIn);
  return {
    get: (keys: string[]) => keys.map(live),
    put(entries: rawKv.PutEntry[]) {
      for (const { key, expectRevision } of entries) {
        if (expectRevision !== null && expectRevision !== (live(key)?.revision ?? 0)) {
          throw { tag: "conflict", val: { kind: "version", existing: null, message: key } } satisfies Fault;
        }
      }
      for (const { key, value, expiresIn } of entries) {
        state.kv.set(key, { value, revision: (live(key)?.revision ?? 0) + 1, until: until(expiresIn) });
      }
    },
    delete: (keys: string[]) => keys.filter((key) => state.kv.delete(key)).length,
    increment(key: string, by: number, expiresIn: number | null) {
      const there = live(key);
      const value = (there === null ? 0 : Number(new TextDecoder().decode(there.value))) + by;
      const bytes = new TextEncoder().encode(String(value));
      state.kv.set(key, { value: bytes, revision: (there?.revision ?? 0) + 1, until: until(expiresIn) });
      return value;
    },
    listKeys: (prefix: string, after: string | null, limit: number) =>
      [...state.kv.keys()]
        .filter((key) => key.startsWith(prefix) && live(key) !== null && (after === null || key > after))
        .sort()
        .slice(0, limit),
  };
}

function jobs(state: State): Record<string, unknown> {
  const waiting = (name: string, key: string | null): number =>
    key === null ? -1 : state.jobs.findIndex((job) => job.name === name && job.key === key);
  return {
    enqueue: (jobs: rawJobs.Job[]) =>
      jobs.map(({ name, payload, due, key, onDuplicate }, i) => {
        const job = { name, payload: JSON.parse(payload) as unknown, key, due: due === null ? null : new Date(due) };
        const there = waiting(name, key);
        if (there < 0) {
          state.jobs.push(job);
        } else if (onDuplicate === "replace") {
          state.jobs[there] = job;
        } else if (onDuplicate === "refuse") {
          throw { tag: "conflict", val: { kind: "unique", existing: null, message: name } } satisfies Fault;
        }
        return `job-${state.jobs.length}-${i}`;
      }),
    cancel: (targets: [string, string][]) =>
      targets.filter(([name, key]) => {
        const there = waiting(name, key);
        return there >= 0 && state.jobs.splice(there, 1).length > 0;
      }).length,
  };
}

function transactions(state: State): unknown {
  return class Transaction {
    private open = true;
    static begin(): Transaction {
      return new Transaction();
    }
    static commit(transaction: Transaction): void {
      transaction.open = false;
      state.transactions.committed += 1;
    }
    [Symbol.dispose](): void {
      state.transactions.dropped += this.open ? 1 : 0;
      this.open = false;
    }
  };
}

function answered(state: State, request: rawHttp.Request): Result<rawHttp.Response> {
  const { method, url, headers, secretHeaders, body, timeout } = request;
  const secrets = Object.fromEntries(secretHeaders.map(({ name, prefix, secret }) => [name, `${prefix}<${secret}>`]));
  const text = body.tag === "bytes" ? new TextDecoder().decode(body.val) : "";
  const asked = { method, url, headers: Object.fromEntries(headers), secrets, body: text, timeout };
  state.requests.push(asked);
  try {
    if (state.options.http === undefined) {
      throw PluginError.denied(url);
    }
    const answer = state.options.http(asked);
    const bytes = typeof answer.body === "string" ? new TextEncoder().encode(answer.body) : (answer.body ?? new Uint8Array());
    return { tag: "ok", val: { status: answer.status, headers: Object.entries(answer.headers ?? {}), body: { tag: "bytes", val: bytes } } };
  } catch (thrown) {
    if (thrown instanceof PluginError) {
      return { tag: "err", val: thrown.fault };
    }
    throw thrown;
  }
}
