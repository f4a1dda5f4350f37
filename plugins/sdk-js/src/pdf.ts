// Making, filling, sealing and checking PDFs. Keys stay with the host.

import * as raw from "cairn:plugin/pdf@0.1.0";
import { ask } from "./error.js";
import { finite, flag, json, list, maybeText, small, text, texts, word } from "./lower.js";
import { type Template, templateOf } from "./template.js";

/** A PDF to be made of a template. */
export interface RenderRequest {
  template: Template;
  model?: unknown;
  locale: string;
  fileName: string;
  /** `pdf` unless said, `pdf-a-2b` or `pdf-a-3b`. */
  profile?: string;
  /** Ids of files to put into it. */
  attachments?: string[];
}

/** What goes into a field: text, a tick, or the id of an image's file. */
export type FieldValue = string | boolean | { image: string };

/** A seal to be put on a PDF. */
export interface SealRequest {
  /** Asking again with the same key gives the first answer. */
  key: string;
  file: string;
  /** A sealing profile that was granted. */
  profile: string;
  level: raw.Pades;
  reason: string;
  location?: string;
  field?: string;
  /** Has readers refuse later changes. */
  finalSeal?: boolean;
}

/** A PDF that was sealed. */
export interface SealedFile {
  file: string;
  sha256: Uint8Array;
  signedAt: Date;
  certificateSubject: string;
  level: raw.Pades;
}

/** One signature that was found; `verdict` is `valid`, `invalid` or `unknown`. */
export interface Finding extends Omit<raw.Finding, "signedAt"> {
  signedAt: Date | null;
}

/** Makes a PDF and returns its file's id. */
export function render(request: RenderRequest): string {
  const ready = {
    template: templateOf(request.template, "template"),
    model: json(request.model ?? {}, "model"),
    locale: text(request.locale, "locale"),
    fileName: text(request.fileName, "fileName"),
    profile: text(request.profile ?? "pdf", "profile"),
    attachments: texts(request.attachments, "attachments"),
  };
  return ask(() => raw.renderPdf(ready));
}

/** Fields of templates (`#sign:buyer`), marks and form fields of a PDF; boxes are left, top, width and height in points. */
export function locateFields(file: string): raw.FieldBox[] {
  return ask(() => raw.locateFields(text(file, "file")));
}

/** A new file with the fields filled and flattened. */
export function fill(file: string, fields: Record<string, FieldValue>): string {
  const ready = list(Object.entries(fields), "fields", ([name, value]) => ({ name: text(name, "fields"), value: field(value, `fields.${name}`) }));
  return ask(() => raw.fill(text(file, "file"), ready));
}

function field(value: FieldValue, where: string): raw.FieldValue {
  if (typeof value === "boolean") {
    return { tag: "checked", val: value };
  }
  return typeof value === "object" ? { tag: "image", val: text(value.image, where) } : { tag: "text", val: text(value, where) };
}

/** A value and where it is drawn. */
export interface PlacedValue {
  /** The first page is 1. */
  page: number;
  /** Left, top, width and height in points, from the upper left corner of the page as it is displayed. */
  box: [number, number, number, number];
  value: FieldValue;
}

/** A new file with values drawn at positions of its pages. A form is flattened. */
export function placeValues(file: string, values: PlacedValue[]): string {
  const ready = list(values, "values", (one, where) => ({
    page: small(one.page, `${where}.page`),
    box: box(one.box, `${where}.box`),
    value: field(one.value, `${where}.value`),
  }));
  return ask(() => raw.placeValues(text(file, "file"), ready));
}

function box(value: PlacedValue["box"], where: string): raw.PlacedValue["box"] {
  const numbers = list(value, where, finite);
  if (numbers.length !== 4) {
    throw new TypeError(`${where} has to be left, top, width and height`);
  }
  return numbers as raw.PlacedValue["box"];
}

/** A PNG of a page as it is displayed. The first page is 1; the width is in pixels, 16 to 2000. */
export function drawPage(file: string, page: number, width: number): string {
  return ask(() => raw.drawPage(text(file, "file"), small(page, "page"), small(width, "width")));
}

/** The pages of a PDF, its hash, its form and its signatures. */
export function inspect(file: string): raw.Inspection {
  return ask(() => raw.inspect(text(file, "file")));
}

/** PDFs one after another in a new file. */
export function merge(files: string[], fileName: string): string {
  return ask(() => raw.merge(texts(files, "files"), text(fileName, "fileName")));
}

/** Seals a PDF. Only in jobs: it may wait for a time-stamp authority. */
export function seal(request: SealRequest): SealedFile {
  const ready = {
    key: text(request.key, "key"),
    file: text(request.file, "file"),
    profile: text(request.profile, "profile"),
    level: word(request.level, "level", ["b-b", "b-t", "b-lt", "b-lta"]),
    reason: text(request.reason, "reason"),
    location: maybeText(request.location, "location"),
    field: maybeText(request.field, "field"),
    finalSeal: flag(request.finalSeal, "finalSeal"),
  };
  const sealed = ask(() => raw.seal(ready));
  return { ...sealed, signedAt: new Date(sealed.signedAt) };
}

/** A sealing profile of the operator's: until when its certificate is valid, and why it cannot seal at that level now. */
export interface SealingProfile extends Omit<raw.SealingProfile, "validFrom" | "validUntil"> {
  validFrom: Date;
  validUntil: Date;
}

/** Whether a profile can seal. In any call but those of read policies. */
export function findSealingProfile(profile: string, level: raw.Pades): SealingProfile {
  const wanted = word(level, "level", ["b-b", "b-t", "b-lt", "b-lta"]);
  const found = ask(() => raw.findSealingProfile(text(profile, "profile"), wanted));
  return { ...found, validFrom: new Date(found.validFrom), validUntil: new Date(found.validUntil) };
}

/** The signatures of a PDF. */
export function verify(file: string): Finding[] {
  const findings = ask(() => raw.verify(text(file, "file")));
  return findings.map((finding) => ({ ...finding, signedAt: finding.signedAt === null ? null : new Date(finding.signedAt) }));
}
