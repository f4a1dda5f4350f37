import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keys of the site, all derived from one secret. */
export interface SiteKeys {
  sealing: Buffer;
  forms: Buffer;
}

/** Derives the keys from the operator's secret. */
export function deriveKeys(secret: string): SiteKeys {
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', secret, '', `cairn portal site: ${use}`, 32));
  return { sealing: derive('cookies'), forms: derive('forms') };
}

/**
 * Encrypts a text so that whoever stores it can neither read nor change it (AES-256-GCM). `purpose` is part of the seal: a value sealed as one
 * cookie is not accepted as another.
 */
export function seal(keys: SiteKeys, purpose: string, text: string | Buffer): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.sealing, nonce).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return sealed.toString('base64url');
}

/** Decrypts what {@link seal} made for the same purpose; `undefined` for anything else. */
export function open(keys: SiteKeys, purpose: string, sealed: string): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', keys.sealing, bytes.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(purpose)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** A random id that nobody guesses. */
export function randomId(): string {
  return randomBytes(18).toString('base64url');
}

/** The token that a form of this visit and session carries. */
export function formToken(keys: SiteKeys, visit: string, session: string): string {
  return createHmac('sha256', keys.forms).update(`${visit}\n${session}`).digest('base64url');
}

/** True if a form's token is the one of this visit and session. */
export function isFormToken(keys: SiteKeys, visit: string, session: string, token: string): boolean {
  const [expected, sent] = [Buffer.from(formToken(keys, visit, session)), Buffer.from(token)];
  return expected.length === sent.length && timingSafeEqual(expected, sent);
}
