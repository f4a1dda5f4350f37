// Requests to the addresses granted. Not in hooks or event handlers, nor in an open transaction.

import * as raw from "cairn:plugin/http-client@0.1.0";
import { PluginError, ask, unwrap } from "./error.js";
import { type Bytes, type Pairs, bytes, flag, json, list, maybeMillis, pairs, parsed, text, whole } from "./lower.js";

/** A header whose value is a secret of the operator's, which the plugin never sees: `prefix` comes before it. */
export interface SecretHeader {
  name: string;
  prefix?: string;
  secret: string;
}

/** What goes with a request. */
export interface RequestOptions {
  headers?: Pairs;
  secretHeaders?: SecretHeader[];
  /** Bytes, or text that goes as UTF-8. */
  body?: Bytes;
  /** A body in JSON, with its media type. */
  json?: unknown;
  /** A file of the host's as the body. */
  file?: string;
  /** Gives up after so many milliseconds. */
  timeout?: number;
  /** Follows so many redirects, each to an address that is granted too. */
  followRedirects?: number;
  /** Keeps the answer as a file instead of handing over its bytes. */
  keepAsFile?: boolean;
}

/** A request, for `sendAll`. */
export interface Request extends RequestOptions {
  method?: string;
  url: string;
}

/**
 * The address that is the value of a secret of the operator's, such as that of an incoming webhook, in place of a URL. The plugin never sees it;
 * nothing can be added to it. A grant has to name it in `to`, as this returns it.
 */
export function secretAddress(secret: string): string {
  return `secret:${text(secret, "secret")}`;
}

/** An answer, whatever its status. */
export class Response {
  readonly status: number;
  readonly headers: [string, string][];
  private readonly content: raw.Body;

  constructor(response: raw.Response) {
    this.status = response.status;
    this.headers = response.headers;
    this.content = response.body;
  }

  /** Whether its status is of the 200s. */
  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  /** The first header of that name, in whatever case it came. */
  header(name: string): string | undefined {
    return this.headers.find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
  }

  /** The body's bytes; empty where it was kept as a file. */
  bytes(): Uint8Array {
    return this.content.tag === "bytes" ? this.content.val : new Uint8Array();
  }

  /** The body as text. */
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** The body read as JSON; a `PluginError` of the kind `invalid` where it is none. What it is like the caller has to see for itself. */
  json(): unknown {
    return parsed<unknown>(this.text(), "body");
  }

  /** The id of the file it was kept as. */
  get file(): string | undefined {
    return this.content.tag === "file" ? this.content.val : undefined;
  }

  /** Milliseconds that `Retry-After` asks to wait; undefined where it says none, or what is no time. */
  retryAfter(): number | undefined {
    const value = this.header("retry-after")?.trim() ?? "";
    if (/^\d{1,9}$/.test(value)) {
      return Number(value) * 1_000;
    }
    // A date of HTTP begins with the day of the week; anything else that a parser of dates would take is none.
    const at = /^[A-Z][a-z]{2,8}, /.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
  }
}

/** Sends a request and waits for the answer, whatever its status. Throws `denied` for an address that is not granted, `unavailable` where nobody answers in time. */
export function send(request: Request): Response {
  const [answer] = sendAll([request]);
  if (answer instanceof PluginError) {
    throw answer;
  }
  if (answer === undefined) {
    throw new PluginError({ tag: "internal", val: "a request without an answer" });
  }
  return answer;
}

/** A `GET`. */
export function get(url: string, options: RequestOptions = {}): Response {
  return send({ ...options, method: "GET", url });
}

/** A `POST` with a body in JSON. */
export function post(url: string, body: unknown, options: RequestOptions = {}): Response {
  return send({ ...options, method: "POST", url, json: body });
}

/** Sends requests side by side; an answer or an error each, in their order. */
export function sendAll(requests: Request[]): (Response | PluginError)[] {
  const ready = list(requests, "requests", lowered);
  const answers = ready.length === 0 ? [] : ask(() => raw.send(ready));
  return answers.map((answer) => {
    try {
      return new Response(unwrap(answer));
    } catch (thrown) {
      if (thrown instanceof PluginError) {
        return thrown;
      }
      throw thrown;
    }
  });
}

function lowered(request: Request, where: string): raw.Request {
  const headers = pairs(request.headers, `${where}.headers`);
  const typed = headers.some(([name]) => name.toLowerCase() === "content-type");
  if (request.json !== undefined && !typed) {
    headers.push(["content-type", "application/json"]);
  }
  return {
    method: text(request.method ?? "GET", `${where}.method`),
    url: text(request.url, `${where}.url`),
    headers,
    secretHeaders: list(request.secretHeaders, `${where}.secretHeaders`, (header, at) => ({
      name: text(header.name, `${at}.name`),
      prefix: text(header.prefix ?? "", `${at}.prefix`),
      secret: text(header.secret, `${at}.secret`),
    })),
    body: body(request, where),
    timeout: maybeMillis(request.timeout, `${where}.timeout`),
    followRedirects: whole(request.followRedirects ?? 0, `${where}.followRedirects`, 0, 255),
    keepAsFile: flag(request.keepAsFile, `${where}.keepAsFile`),
  };
}

function body(request: Request, where: string): raw.Body {
  if (request.json !== undefined) {
    return { tag: "bytes", val: bytes(json(request.json, `${where}.json`), `${where}.json`) };
  }
  if (request.file !== undefined) {
    return { tag: "file", val: text(request.file, `${where}.file`) };
  }
  return request.body === undefined ? { tag: "empty" } : { tag: "bytes", val: bytes(request.body, `${where}.body`) };
}
