// What a handler is called with, made by hand.

import type { Call } from "../call.js";
import { type Action, Change } from "../exports/hooks.js";
import { Event } from "../exports/events.js";
import { Task } from "../exports/jobs.js";
import { RouteRequest } from "../exports/routes.js";

/** A call of the system's own. */
export function call(parts: Partial<Call> = {}): Call {
  const deadline = new Date("2026-01-01T00:00:30Z");
  return { id: "call-1", idempotencyKey: "key-1", actor: { kind: "system" }, locale: "en", attempt: 1, deadline, ...parts };
}

/** A job's slice. */
export function task(name: string, payload: unknown, checkpoint?: unknown): Task {
  const left = checkpoint === undefined ? null : JSON.stringify(checkpoint);
  return new Task({ id: "1", name, key: null, payload: JSON.stringify(payload), due: 0, checkpoint: left });
}

/** An event about a document, or one whose data is given. */
export function event(name: string, key: string, data: unknown = { documentId: key }): Event {
  const text = JSON.stringify(data);
  return new Event({ id: `event-${name}-${key}`, sequence: 1, name, key, at: 0, data: text, version: 1, origin: "rest", replayed: false });
}

/** A change of a document. */
export function change(action: Action, contentType: string, after: object | null, before: object | null = null): Change {
  const text = (document: object | null): string | null => (document === null ? null : JSON.stringify(document));
  const names = Object.keys({ ...before, ...after });
  return new Change({
    action,
    contentType,
    documentId: "document-1",
    locale: null,
    before: text(before),
    after: text(after),
    changed: names,
    origin: "rest",
  });
}

/** A request to a route. */
export function request(
  route: string,
  parts: { parameters?: Record<string, string>; query?: Record<string, string>; headers?: Record<string, string>; body?: string } = {},
): RouteRequest {
  const body = parts.body === undefined ? ({ tag: "empty" } as const) : ({ tag: "bytes", val: new TextEncoder().encode(parts.body) } as const);
  return new RouteRequest({
    route,
    method: "POST",
    path: "/",
    parameters: Object.entries(parts.parameters ?? {}),
    query: Object.entries(parts.query ?? {}),
    headers: Object.entries(parts.headers ?? {}),
    body,
    clientAddress: null,
  });
}
