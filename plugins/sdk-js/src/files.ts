// Bytes that the host keeps.

import * as raw from "cairn:plugin/files@0.1.0";
import { ask } from "./error.js";
import { type Bytes, bytes, millis, small, text, texts, whole } from "./lower.js";

/** A file: its size is in bytes. */
export type Info = raw.Info;

/** What is known of files, in their order; undefined where one is not there. */
export function stat(...ids: string[]): (Info | undefined)[] {
  return ask(() => raw.stat(texts(ids, "ids"))).map((info) => info ?? undefined);
}

/** Some of a file's bytes. */
export function read(id: string, offset: number, length: number): Uint8Array {
  return ask(() => raw.read(text(id, "id"), whole(offset, "offset"), small(length, "length")));
}

/** Keeps a file, private to the plugin until it is attached to a document, and returns its id. */
export function create(name: string, mediaType: string, content: Bytes): string {
  return ask(() => raw.create(text(name, "name"), text(mediaType, "mediaType"), bytes(content, "content")));
}

/** Keeps the body of the request, where it came as a file (`request.file`), and returns its new id. */
export function keep(id: string, name: string, mediaType: string): string {
  return ask(() => raw.keep(text(id, "id"), text(name, "name"), text(mediaType, "mediaType")));
}

/** A signed address that stops working after so many milliseconds. */
export function link(id: string, validFor: number): string {
  return ask(() => raw.link(text(id, "id"), millis(validFor, "validFor")));
}

/** Removes files. */
export function remove(...ids: string[]): void {
  ask(() => raw.delete(texts(ids, "ids")));
}
