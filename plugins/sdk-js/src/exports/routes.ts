// Answering requests to the plugin's routes.

import type { Body } from "cairn:plugin/http-client@0.1.0";
import type { Call as RawCall } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import { type Bytes, bytes, json, pairs, parsed, text, whole } from "../lower.js";
import { settled } from "../settled.js";
import { answering, handler } from "./guard.js";

interface RawRequest {
  route: string;
  method: string;
  path: string;
  parameters: [string, string][];
  query: [string, string][];
  headers: [string, string][];
  body: Body;
  clientAddress: string | null;
}

interface RawResponse {
  status: number;
  headers: [string, string][];
  body: Body;
}

/** A request, after the host has done authentication, limits, CORS and idempotency. */
export class RouteRequest {
  /** The route's name in the manifest. */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly headers: [string, string][];
  readonly clientAddress: string | null;
  private readonly request: RawRequest;

  constructor(request: RawRequest) {
    this.route = request.route;
    this.method = request.method;
    this.path = request.path;
    this.headers = request.headers;
    this.clientAddress = request.clientAddress;
    this.request = request;
  }

  /** The value of a `{name}` in the route's path; empty where the path has none of that name. */
  parameter(name: string): string {
    return this.request.parameters.find(([given]) => given === name)?.[1] ?? "";
  }

  /** The first value of a query parameter. */
  query(name: string): string | undefined {
    return this.request.query.find(([given]) => given === name)?.[1];
  }

  /** All values of a query parameter. */
  queryAll(name: string): string[] {
    return this.request.query.filter(([given]) => given === name).map(([, value]) => value);
  }

  /** The first header of that name, in whatever case it was sent. */
  header(name: string): string | undefined {
    return this.headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
  }

  /** The body's bytes; empty where there are none or they came as a file. */
  bytes(): Uint8Array {
    return this.request.body.tag === "bytes" ? this.request.body.val : new Uint8Array();
  }

  /** The body as text. */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** The body read as JSON; a `PluginError` of the kind `invalid` where it is none. What it is like the handler has to see for itself. */
  json(): unknown {
    return parsed<unknown>(this.text(), "");
  }

  /** The id of the file that the body is. Only this call can read it; it is gone afterwards, unless it is kept (`files.keep`). */
  get file(): string | undefined {
    return this.request.body.tag === "file" ? this.request.body.val : undefined;
  }
}

/** An answer. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** Bytes, or text that goes as UTF-8. */
  body?: Bytes;
  /** The id of a file that is the body. */
  file?: string;
}

/** An answer in JSON. */
export function replyJson(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: json(body, "body") };
}

/** An answer in plain text. */
export function replyText(status: number, body: string, headers: Record<string, string> = {}): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body };
}

/** An answer without a body. */
export function replyEmpty(status: number, headers: Record<string, string> = {}): Reply {
  return { status, headers };
}

/**
 * Answers one request. What it throws is the answer with the status that fits: `invalid` 400, `denied` 403, `not-found` 404,
 * `conflict` 409, and so on; any other error is a failure of the plugin: 502, without its text.
 */
export type Route = (request: RouteRequest, call: Call) => Reply;

/** A function for each `[[route]]` of the manifest, by its name. */
export type Routes = Record<string, Route>;

/** The interface as the component exports it. */
export function routesExport(routes: Routes): { handle(call: RawCall, request: RawRequest): RawResponse } {
  return {
    handle: (call, request) =>
      answering(() => {
        const where = `routes["${request.route}"]`;
        const reply = settled(handler(routes, request.route, "routes")(new RouteRequest(request), callOf(call)), where);
        if (typeof reply !== "object" || reply === null) {
          throw new TypeError(`${where} is no answer: return replyJson(…), replyText(…) or replyEmpty(…)`);
        }
        return {
          status: whole(reply.status, `${where}.status`, 100, 599),
          headers: pairs(reply.headers, `${where}.headers`),
          body: lowered(reply, where),
        };
      }),
  };
}

function lowered(reply: Reply, where: string): Body {
  if (reply.file !== undefined) {
    return { tag: "file", val: text(reply.file, `${where}.file`) };
  }
  return reply.body === undefined ? { tag: "empty" } : { tag: "bytes", val: bytes(reply.body, `${where}.body`) };
}
