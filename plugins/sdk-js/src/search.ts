// Full-text indexes of the manifest. Changes are applied after the commit, in order per id.

import * as raw from "cairn:plugin/search@0.1.0";
import { PluginError, ask, unwrap } from "./error.js";
import { flag, json, list, maybeJson, maybeText, parsed, small, text, texts, word } from "./lower.js";

/** What is put into an index. */
export interface Entry {
  id: string;
  locale?: string;
  /** Fitting the index's declared fields. */
  document: Record<string, unknown>;
  /** Principals, roles or segments that may find it; everyone where it is empty. */
  audience?: string[];
}

/** What is looked for. */
export interface Request {
  index: string;
  text: string;
  locale?: string;
  /** The REST filter object over filterable fields. */
  filters?: Record<string, unknown>;
  facets?: { field: string; limit?: number; ignoreOwnFilter?: boolean }[];
  sort?: string[];
  fields?: string[];
  highlight?: string[];
  typoTolerance?: raw.Tolerance;
  /** The last word may be unfinished. */
  prefix?: boolean;
  start?: number;
  limit?: number;
  audience?: string[];
}

/** What was found; highlights are escaped HTML with `mark` elements. */
export interface Results<T> {
  hits: { id: string; score: number; document: T; highlights: [field: string, fragment: string][] }[];
  facets: { field: string; values: [value: string, count: number][] }[];
  total: number;
  suggestion: string | null;
}

/** Puts entries into an index. */
export function put(index: string, ...entries: Entry[]): void {
  const ready = list(entries, "entries", (entry, where) => ({
    id: text(entry.id, `${where}.id`),
    locale: maybeText(entry.locale, `${where}.locale`),
    document: json(entry.document, `${where}.document`),
    audience: texts(entry.audience, `${where}.audience`),
  }));
  ask(() => raw.put(text(index, "index"), ready));
}

/** Takes entries out of an index. */
export function remove(index: string, ...ids: string[]): void {
  ask(() => raw.remove(text(index, "index"), texts(ids, "ids")));
}

/** The name of an empty index to `put` into, beside the one that is searched, until `finishRebuild` puts it in its place. */
export function beginRebuild(index: string): string {
  return ask(() => raw.beginRebuild(text(index, "index")));
}

/** Puts a rebuilt index in its place. */
export function finishRebuild(index: string): void {
  ask(() => raw.finishRebuild(text(index, "index")));
}

/** Groups of words that find each other, instead of those before. */
export function setSynonyms(index: string, locale: string, groups: string[][]): void {
  const ready = list(groups, "groups", texts);
  ask(() => raw.setSynonyms(text(index, "index"), text(locale, "locale"), ready));
}

/** Looks for something. */
export function query<T = Record<string, unknown>>(request: Request): Results<T> {
  const [results] = queryAll<T>([request]);
  if (results === undefined) {
    throw new PluginError({ tag: "internal", val: "a search without an answer" });
  }
  return results;
}

/** Looks for several things in one call; throws where one of them fails. */
export function queryAll<T = Record<string, unknown>>(requests: Request[]): Results<T>[] {
  const answers = ask(() => raw.query(list(requests, "requests", lowered)));
  return answers.map((answer) => {
    const results = unwrap(answer);
    const hits = results.hits.map((hit) => ({ ...hit, document: parsed<T>(hit.document, "document") }));
    return { ...results, hits };
  });
}

function lowered(request: Request, where: string): raw.Request {
  return {
    index: text(request.index, `${where}.index`),
    text: text(request.text, `${where}.text`),
    locale: maybeText(request.locale, `${where}.locale`),
    filters: maybeJson(request.filters, `${where}.filters`),
    facets: list(request.facets, `${where}.facets`, (facet, at) => ({
      field: text(facet.field, `${at}.field`),
      limit: small(facet.limit ?? 10, `${at}.limit`),
      ignoreOwnFilter: flag(facet.ignoreOwnFilter, `${at}.ignoreOwnFilter`),
    })),
    sort: texts(request.sort, `${where}.sort`),
    fields: texts(request.fields, `${where}.fields`),
    highlight: texts(request.highlight, `${where}.highlight`),
    typoTolerance: word(request.typoTolerance ?? "standard", `${where}.typoTolerance`, ["off", "standard", "generous"]),
    prefix: flag(request.prefix, `${where}.prefix`),
    start: small(request.start ?? 0, `${where}.start`),
    limit: small(request.limit ?? 20, `${where}.limit`),
    audience: texts(request.audience, `${where}.audience`),
  };
}
