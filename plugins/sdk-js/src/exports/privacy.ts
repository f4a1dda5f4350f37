// What a plugin has about one person: reported to them, and erased. Both functions are called until they return no `next`.

import type { Call as RawCall, DocumentRef as RawDocumentRef } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import type { DocumentRef } from "../error.js";
import { type Time, json, list, maybeInstant, maybeJson, maybeText, parsed, text, texts } from "../lower.js";
import { settled } from "../settled.js";
import { answering } from "./guard.js";

interface RawPerson {
  email: string;
  user: string | null;
  admin: string | null;
}

interface RawReportPage {
  records: { kind: string; title: string; data: string }[];
  next: string | null;
}

interface RawErasureStep {
  erased: RawDocumentRef[];
  files: string[];
  retained: { kind: string; title: string; reason: string; until: number | null }[];
  next: string | null;
}

/** Whose data are reported or erased. */
export interface Person {
  /** In lower case. Compare addresses without regard to case. */
  email: string;
  /** Id of the user of the content API with that address. */
  user: string | null;
  /** Id of the admin user with that address. */
  admin: string | null;
}

/** One thing that is stored about a person. */
export interface PersonalRecord {
  /** For people, or `t:` and a key of `locales/`. */
  kind: string;
  /** Tells it from others of its kind. */
  title: string;
  /** All of it that is about the person. */
  data: unknown;
}

/** One thing that must not be erased yet. */
export interface RetainedRecord {
  /** For people, or `t:` and a key of `locales/`. */
  kind: string;
  title: string;
  /** Why it stays: for people, or `t:` and a key of `locales/`. */
  reason: string;
  /** Until when; left out where that is not known. */
  until?: Time;
}

/** A page of a report. */
export interface ReportPage {
  records: PersonalRecord[];
  /** What the call for the next page gets; left out at the end. */
  next?: unknown;
}

/** A step of an erasure. */
export interface ErasureStep {
  /** Documents that were deleted, or are no longer about the person: their history goes as well. */
  erased?: DocumentRef[];
  /** Ids of files that the plugin created and that are about the person: they are deleted for good. */
  files?: string[];
  retained?: RetainedRecord[];
  /** What the next step gets; left out at the end. */
  next?: unknown;
}

/** One person's data. `cursor` is what the call before returned as `next`; undefined on the first. */
export interface Privacy {
  /** Stores nothing. */
  report(person: Person, cursor: unknown, call: Call): ReportPage;
  /** One step, in a transaction of its own. Erasing what is erased already does nothing; what stays is named each time. */
  erase(person: Person, cursor: unknown, call: Call): ErasureStep;
}

/** The interface as the component exports it. */
export function privacyExport(privacy: Privacy): {
  report(call: RawCall, person: RawPerson, cursor: string | null): RawReportPage;
  erase(call: RawCall, person: RawPerson, cursor: string | null): RawErasureStep;
} {
  const from = (cursor: string | null): unknown => (cursor === null ? undefined : parsed<unknown>(cursor, "cursor"));
  return {
    report: (call, person, cursor) =>
      answering(() => {
        const page = settled(privacy.report(person, from(cursor), callOf(call)), "privacy.report");
        const records = list(page.records, "records", (record, at) => ({
          kind: text(record.kind, `${at}.kind`),
          title: text(record.title, `${at}.title`),
          data: json(record.data, `${at}.data`),
        }));
        return { records, next: maybeJson(page.next, "next") };
      }),
    erase: (call, person, cursor) =>
      answering(() => {
        const step = settled(privacy.erase(person, from(cursor), callOf(call)), "privacy.erase");
        const erased = list(step.erased, "erased", (document, at) => ({
          contentType: text(document.contentType, `${at}.contentType`),
          documentId: text(document.documentId, `${at}.documentId`),
          locale: maybeText(document.locale, `${at}.locale`),
        }));
        const retained = list(step.retained, "retained", (record, at) => ({
          kind: text(record.kind, `${at}.kind`),
          title: text(record.title, `${at}.title`),
          reason: text(record.reason, `${at}.reason`),
          until: maybeInstant(record.until, `${at}.until`),
        }));
        return { erased, files: texts(step.files, "files"), retained, next: maybeJson(step.next, "next") };
      }),
  };
}
