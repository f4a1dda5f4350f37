// Creating documents that refer to each other in one call: their ids, from `random.newId`, are there before they are.

import * as raw from "cairn:plugin/data@0.1.0";
import { ask } from "../error.js";
import { json, maybeText, text } from "../lower.js";
import type { Written } from "./batch.js";

/** A document to create with an id from `random.newId`. */
export interface NewDocument {
  contentType: string;
  id: string;
  fields: object;
  locale?: string | null;
  /** As a draft. A type without drafts has only what is published. */
  draft?: boolean;
}

/**
 * Creates documents together or not at all, in their order, in one call. Later ones may be related to those before them. Throws
 * `invalid` with the fields that are wrong, `conflict` for what has to be unique, the ids too. Of none the host is not asked.
 *
 * `asCaller`: with no more rights than the actor of this call has.
 */
export function createWithIds(documents: readonly NewDocument[], { asCaller = false } = {}): Written[] {
  const creates = documents.map(({ contentType, id, fields, locale, draft }): raw.IdentifiedCreate => ({
    id: text(id, "id"),
    contentType: text(contentType, "contentType"),
    data: json(fields, "fields"),
    locale: maybeText(locale, "locale"),
    status: draft ? "draft" : "published",
  }));
  return creates.length === 0 ? [] : ask(() => raw.createWithId(creates, asCaller ? "caller" : "plugin"));
}
