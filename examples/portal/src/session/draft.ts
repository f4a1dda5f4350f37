import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { COOKIES, type CookieJar } from './cookies.ts';
import { open, type SiteKeys, seal } from './seal.ts';

/** A form that could not be sent because the session had ended. */
export interface Draft {
  /** Whose it is. */
  user: string;
  /** The page of the form. */
  path: string;
  fields: [string, string][];
}

/** Time for which a draft is stored. */
const DRAFT_SECONDS = 60 * 60;
/** Browsers store cookies of up to 4,096 bytes, name and attributes included. */
const PART_CHARS = 3_600;
const MAX_PARTS = 3;
/** Largest size of an unpacked draft: forms are limited to less. */
const MAX_BYTES = 128 * 1024;

/** Stores a draft in the browser, sealed. Returns false for one that is too large for cookies. */
export function storeDraft(keys: SiteKeys, jar: CookieJar, draft: Draft): boolean {
  const sealed = seal(keys, COOKIES.draft, deflateRawSync(JSON.stringify(draft)));
  if (sealed.length > PART_CHARS * MAX_PARTS) return false;
  for (let part = 0; part < MAX_PARTS; part += 1) {
    const text = sealed.slice(part * PART_CHARS, (part + 1) * PART_CHARS);
    if (text) jar.set(`${COOKIES.draft}${part}`, text, DRAFT_SECONDS);
    else jar.remove(`${COOKIES.draft}${part}`);
  }
  return true;
}

/** Reads the draft of a person for a page. */
export function readDraft(keys: SiteKeys, cookies: Map<string, string>, user: string, path: string): Draft | undefined {
  const sealed = listParts().map((name) => cookies.get(name) ?? '');
  const packed = open(keys, COOKIES.draft, sealed.join(''));
  if (!packed) return undefined;
  const draft = JSON.parse(inflateRawSync(packed, { maxOutputLength: MAX_BYTES }).toString()) as Draft;
  return draft.user === user && draft.path === path ? draft : undefined;
}

/** Removes the draft, if there is one. */
export function removeDraft(cookies: Map<string, string>, jar: CookieJar): void {
  for (const name of listParts()) if (cookies.has(name)) jar.remove(name);
}

function listParts(): string[] {
  return Array.from({ length: MAX_PARTS }, (_, part) => `${COOKIES.draft}${part}`);
}
