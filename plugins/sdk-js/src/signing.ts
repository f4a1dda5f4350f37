// Signatures with private keys of the operator's, by the names of `[[signing-key]]`. Not in an open transaction.

import * as raw from "cairn:plugin/signing@0.1.0";
import { PluginError, ask } from "./error.js";
import { type Bytes, bytes, json, parsed, text } from "./lower.js";

/** A signature, with the key that made it. */
export interface Signature {
  /** `es256`: `r` and `s`, 64 bytes. `rs256`: RSA PKCS #1 v1.5. */
  algorithm: raw.Algorithm;
  /** Id of the key, as its public half has it. */
  kid: string;
  bytes: Uint8Array;
}

/** A public key as a JSON Web Key. */
export interface PublicJwk {
  kty: "EC" | "RSA";
  kid: string;
  alg: "ES256" | "RS256";
  use: "sig";
  crv?: string;
  x?: string;
  y?: string;
  n?: string;
  e?: string;
}

/** The signature of up to 1 MiB. Throws `not-found` until an administrator has made or imported the key, `denied` where it is not granted. */
export function sign(key: string, data: Bytes): Signature {
  const given = [text(key, "key"), bytes(data, "data")] as const;
  return ask(() => raw.sign(...given));
}

/** The public half of the key that signs now. */
export function publicJwk(key: string): PublicJwk {
  const name = text(key, "key");
  return parsed<PublicJwk>(ask(() => raw.publicJwk(name)), "key");
}

/** The public halves of the key that signs now and of those before it: what a route answers to whoever verifies. */
export function publicJwkSet(key: string): { keys: PublicJwk[] } {
  const name = text(key, "key");
  return parsed<{ keys: PublicJwk[] }>(ask(() => raw.publicJwkSet(name)), "key");
}

/** A signed JSON Web Token with these claims. */
export function signJwt(key: string, claims: Record<string, unknown>): string {
  const payload = base64url(json(claims, "claims"));
  // Another key may take the place of this one before it has signed.
  for (let attempt = 0; attempt < 2; attempt++) {
    const { alg, kid } = publicJwk(key);
    const signed = `${base64url(JSON.stringify({ alg, kid, typ: "JWT" }))}.${payload}`;
    const signature = sign(key, signed);
    if (signature.kid === kid) {
      return `${signed}.${base64url(signature.bytes)}`;
    }
  }
  throw PluginError.unavailable();
}

/** Base64 for URLs, without padding, as JSON Web Signatures have it. */
export function base64url(data: Bytes): string {
  let binary = "";
  for (const byte of bytes(data, "data")) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
