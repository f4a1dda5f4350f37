// What is kept: one enrichment per article and language.

import { data } from "@cairn/plugin";

export const NEWS = "api::news.news";
export const ENRICHMENT = "plugin::enrich.enrichment";
export const JOB = "enrich";

/** Which article, in which language. */
export interface Article {
  documentId: string;
  locale: string | null;
}

/** The fields of an article that are granted. */
export interface News {
  title: string;
  summary: string | null;
  body: string;
}

/** What the service said of an article. */
export interface Enrichment {
  article: string;
  title: string;
  state: "waiting" | "done" | "failed";
  problem: string | null;
  keywords: string[] | null;
  summary: string | null;
  readingMinutes: number | null;
  /** Of the text that was asked about, and how. */
  fingerprint: string | null;
  enrichedAt: string | null;
}

/** Names an article in a language, for jobs and enrichments. */
export function keyOf({ documentId, locale }: Article): string {
  return `${documentId}/${locale ?? ""}`;
}

/** The enrichment of an article; undefined where there is none. */
export function enrichmentOf(article: Article): data.Row<Enrichment> | undefined {
  return data.find<Enrichment>(ENRICHMENT).filter({ article: { $eq: keyOf(article) } }).first();
}

/** Keeps what is known of an article now; the rest stays. */
export function keep(article: Article, fields: Partial<Enrichment>): void {
  const key = { article: keyOf(article) };
  data.upsert(ENRICHMENT, key, { ...key, ...fields }, fields);
}

/** Removes what is known of an article that nobody can read any more. */
export function forget(article: Article): void {
  const there = enrichmentOf(article);
  if (there !== undefined) {
    data.remove(ENRICHMENT, there.documentId);
  }
}
