// What JavaScript has everywhere, by way of the host: the clock, randomness, the console, and text as bytes. The build puts this before
// everything else, so that libraries meet it too. It has no place in unit tests, where Node has its own.

import * as clock from "cairn:plugin/clock@0.1.0";
import * as log from "cairn:plugin/log@0.1.0";
import * as random from "cairn:plugin/random@0.1.0";
import { needsHost } from "./running.js";
import { decode, encode } from "./utf8.js";
import { wellFormed } from "./lower.js";

const scope = globalThis as Record<string, unknown>;

// ---- time ----

const Native = Date;

function now(): number {
  needsHost("Date.now");
  return clock.now();
}

const HostDate = new Proxy(Native, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as object,
  apply: () => new Native(now()).toString(),
});
Native.now = now;
Native.prototype.constructor = HostDate;
scope["Date"] = HostDate;
scope["performance"] = {
  now: () => {
    needsHost("performance.now");
    return clock.elapsed();
  },
};

// ---- randomness ----

/** xorshift128, seeded by the host once a call: one call of the host, however many numbers are asked for. */
let seed: Uint32Array | undefined;

function next(): number {
  if (seed === undefined) {
    needsHost("Math.random");
    const bytes = random.bytes(16);
    seed = new Uint32Array(bytes.slice(0, 16).buffer);
    // All zeros would stay so.
    seed[0] = (seed[0] ?? 0) | 1;
  }
  let t = seed[3] ?? 0;
  const s = seed[0] ?? 0;
  seed.copyWithin(1, 0, 3);
  t ^= t << 11;
  t ^= t >>> 8;
  seed[0] = t ^ s ^ (s >>> 19);
  return seed[0] ?? 0;
}

Math.random = () => ((next() >>> 5) * 0x400_0000 + (next() >>> 6)) / 0x20_0000_0000_0000;

scope["crypto"] = {
  getRandomValues<T extends ArrayBufferView>(into: T): T {
    needsHost("crypto.getRandomValues");
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    bytes.set(random.bytes(bytes.length));
    return into;
  },
  randomUUID(): string {
    needsHost("crypto.randomUUID");
    const bytes = random.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  },
};

// ---- the console: the plugin's log ----

function line(level: log.Level): (...parts: unknown[]) => void {
  return (...parts) => {
    needsHost(`console.${level}`);
    log.emit(level, wellFormed(parts.map(written).join(" ")), []);
  };
}

function written(part: unknown): string {
  if (typeof part === "string") {
    return part;
  }
  if (part instanceof Error) {
    return part.stack === undefined ? String(part) : `${String(part)}\n${part.stack}`;
  }
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return Object.prototype.toString.call(part);
  }
}

scope["console"] = {
  trace: line("trace"),
  debug: line("debug"),
  log: line("info"),
  info: line("info"),
  warn: line("warn"),
  error: line("error"),
};

// ---- text as bytes ----

scope["TextEncoder"] = class {
  readonly encoding = "utf-8";
  encode(text = ""): Uint8Array {
    return encode(String(text));
  }
};

scope["TextDecoder"] = class {
  readonly encoding = "utf-8";
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  constructor(label = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!["utf-8", "utf8", "unicode-1-1-utf-8"].includes(label.trim().toLowerCase())) {
      throw new RangeError(`plugins decode UTF-8 only, not ${label}`);
    }
    this.fatal = options.fatal ?? false;
    this.ignoreBOM = options.ignoreBOM ?? false;
  }
  decode(bytes: Uint8Array | ArrayBuffer = new Uint8Array()): string {
    const text = decode(bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes, this.fatal);
    return !this.ignoreBOM && text.startsWith("\uFEFF") ? text.slice(1) : text;
  }
};
