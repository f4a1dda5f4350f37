// The host's append-only record. The host adds who, when, from where and by which plugin.

import * as raw from "cairn:plugin/audit@0.1.0";
import { type DocumentRef, ask } from "./error.js";
import { json, maybeText, parsed, small, text, whole } from "./lower.js";

/** An entry of the record. */
export interface Entry extends Omit<raw.Entry, "at" | "detail"> {
  at: Date;
  detail: unknown;
}

/** What an entry is about. */
export type Subject = Omit<DocumentRef, "locale"> & { locale?: string | null };

/** Adds an entry, as part of the open transaction. */
export function append(subject: Subject, action: string, detail: unknown = null): void {
  ask(() => raw.append(lowered(subject), text(action, "action"), json(detail, "detail")));
}

/** The entries about a document, from the one after this sequence number on. */
export function trail(subject: Subject, after = 0, limit = 100): Entry[] {
  const entries = ask(() => raw.trail(lowered(subject), whole(after, "after"), small(limit, "limit")));
  return entries.map((entry) => ({ ...entry, at: new Date(entry.at), detail: parsed<unknown>(entry.detail, "detail") }));
}

function lowered(subject: Subject): DocumentRef {
  return {
    contentType: text(subject.contentType, "subject.contentType"),
    documentId: text(subject.documentId, "subject.documentId"),
    locale: maybeText(subject.locale, "subject.locale"),
  };
}
