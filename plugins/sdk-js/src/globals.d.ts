// What there is beside the language itself, in a plugin: no timers, no network, no file system.

interface TextEncoder {
  readonly encoding: string;
  encode(text?: string): Uint8Array;
}
declare var TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  readonly encoding: string;
  decode(bytes?: Uint8Array | ArrayBuffer): string;
}
declare var TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };

/** The plugin's log. */
declare var console: Record<"trace" | "debug" | "log" | "info" | "warn" | "error", (...parts: unknown[]) => void>;

/** Randomness of the host. */
declare var crypto: {
  getRandomValues<T extends ArrayBufferView>(into: T): T;
  randomUUID(): string;
};

/** Milliseconds since the call began. */
declare var performance: { now(): number };

declare function atob(text: string): string;
declare function btoa(text: string): string;
