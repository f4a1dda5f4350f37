// Writing documents.

import * as raw from "cairn:plugin/data@0.1.0";
import type { Authority, DocumentRef, Status } from "cairn:plugin/types@0.1.0";
import { PluginError, ask } from "../error.js";
import { json, maybeText, text, whole, word } from "../lower.js";

/** What was written: the document, its version, and whether it is new. */
export type Written = raw.Written;

/** Creates a document. Throws `invalid` with the fields that are wrong, `conflict` for what has to be unique. */
export function create(contentType: string, fields: object): Written {
  return only(batch().create(contentType, fields));
}

/** Changes fields of a document; what is not named stays. */
export function update(contentType: string, id: string, fields: object): Written {
  return only(batch().update(contentType, id, fields));
}

/**
 * Creates a document, or changes the one that has this key: `key` names the fields of a unique key of the manifest, with their
 * values. `created` tells which.
 */
export function upsert(contentType: string, key: object, created: object, changed: object): Written {
  return only(batch().upsert(contentType, key, created, changed));
}

/** Deletes a document, with all its locales. */
export function remove(contentType: string, id: string): Written {
  return only(batch().remove(contentType, id));
}

/** Writes that happen together or not at all, in their order, in one call. */
export function batch(): Batch {
  return new Batch();
}

function only(batch: Batch): Written {
  const [written] = batch.write();
  if (written === undefined) {
    throw new PluginError({ tag: "internal", val: "a write without a result" });
  }
  return written;
}

/** Writes in the making. Each of its words adds to it and returns it; `write` does them. */
export class Batch {
  private readonly writes: raw.WriteOp[] = [];
  private status: Status = "published";
  private language: string | null = null;
  private rights: Authority = "plugin";

  /** What is added from here on is written as a draft. A type without drafts has only what is published. */
  drafts(): this {
    this.status = "draft";
    return this;
  }

  /** What is added from here on is written in this locale. */
  locale(locale: string | null | undefined): this {
    this.language = maybeText(locale, "locale");
    return this;
  }

  /** All of it with no more rights than the actor of this call has. */
  asCaller(): this {
    this.rights = "caller";
    return this;
  }

  /** Adds a new document. */
  create(contentType: string, fields: object): this {
    const val = { contentType: text(contentType, "contentType"), data: json(fields, "fields"), locale: this.language, status: this.status };
    return this.add({ tag: "create", val });
  }

  /** Adds a change of some fields. */
  update(contentType: string, id: string, fields: object): this {
    return this.change(contentType, id, fields, null);
  }

  /**
   * Adds a change of a document that must not have moved on since it was read: else all of it fails with a conflict of the kind
   * `version`.
   */
  updateAt(contentType: string, id: string, version: number, fields: object): this {
    return this.change(contentType, id, fields, whole(version, "version"));
  }

  /** Adds a document, or the change of the one with this key. */
  upsert(contentType: string, key: object, created: object, changed: object): this {
    const val = {
      contentType: text(contentType, "contentType"),
      key: json(key, "key"),
      create: json(created, "created"),
      update: json(changed, "changed"),
      locale: this.language,
      status: this.status,
    };
    return this.add({ tag: "upsert", val });
  }

  /** Adds the end of a document. */
  remove(contentType: string, id: string): this {
    return this.add({ tag: "delete", val: { target: this.target(contentType, id), expectVersion: null } });
  }

  /** Adds a step between draft and published. */
  transition(contentType: string, id: string, to: raw.Transition): this {
    const step = word(to, "to", ["publish", "unpublish", "discard-draft"]);
    return this.add({ tag: "transition", val: [this.target(contentType, id), step] });
  }

  /** Whether nothing was added. */
  get empty(): boolean {
    return this.writes.length === 0;
  }

  /** Writes it; one result each, in their order. Where it throws, none of it has happened. An empty batch asks the host nothing. */
  write(): Written[] {
    return this.empty ? [] : ask(() => raw.write(this.writes, this.rights));
  }

  private change(contentType: string, id: string, fields: object, expectVersion: number | null): this {
    const val = { target: this.target(contentType, id), data: json(fields, "fields"), status: this.status, expectVersion };
    return this.add({ tag: "update", val });
  }

  private add(write: raw.WriteOp): this {
    this.writes.push(write);
    return this;
  }

  private target(contentType: string, id: string): DocumentRef {
    return { contentType: text(contentType, "contentType"), documentId: text(id, "id"), locale: this.language };
  }
}
