// Keyed operations with secrets that the plugin can name but not read.

import * as raw from "cairn:plugin/secrets@0.1.0";
import { ask } from "./error.js";
import { type Bytes, bytes, text, word } from "./lower.js";

const MACS = ["hmac-sha1", "hmac-sha256", "hmac-sha512"] as const;

/** Whether the operator has set it. */
export function isSet(secret: string): boolean {
  return raw.isSet(text(secret, "secret"));
}

/** The message authentication code of a message. */
export function sign(secret: string, algorithm: raw.Mac, message: Bytes): Uint8Array {
  return ask(() => raw.sign(text(secret, "secret"), word(algorithm, "algorithm", MACS), bytes(message, "message")));
}

/** Whether a code is that of the message; takes the same time either way. */
export function verify(secret: string, algorithm: raw.Mac, message: Bytes, tag: Uint8Array): boolean {
  const given = [bytes(message, "message"), bytes(tag, "tag")] as const;
  return ask(() => raw.verify(text(secret, "secret"), word(algorithm, "algorithm", MACS), ...given));
}
