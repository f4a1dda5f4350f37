// The service, in DeepL's form of request. Nothing of its answer is taken on trust; Cairn checks it once more.

import { PluginError, chosen, http, i18n, log, settings } from "@cairn/plugin";
import { TAG, mark, unmark } from "./marks.js";
import type { Wanted } from "./model.js";

/** What the operator has set. */
interface Settings {
  formality: "default" | "prefer_less" | "prefer_more";
  timeoutSeconds: number;
}

/** Most texts of one request to the service. */
const MAX_TEXTS = 50;
/** Languages that are written to in one of their varieties only. */
const VARIETIES: Record<string, string> = { en: "EN-GB", pt: "PT-PT", zh: "ZH-HANS" };

/** A language as the service calls it: what is translated from has no variety, what is translated to may need one. */
export function languageOf(locale: string, side: "source" | "target"): string {
  const [base = locale] = locale.toLowerCase().split("-");
  if (side === "source") {
    return base.toUpperCase();
  }
  const isVariety = locale.includes("-") && ["en", "pt", "zh"].includes(base);
  return isVariety ? locale.toUpperCase() : (VARIETIES[base] ?? base.toUpperCase());
}

/** Translates texts, as many at a time as the service takes; all of them or none. `locale`: of who reads what went wrong. */
export function translate({ source, target, texts, glossary }: Wanted, locale: string): string[] {
  const [address] = chosen("service");
  if (address === undefined) {
    throw refused("address", locale);
  }
  const { formality, timeoutSeconds } = settings<Settings>();
  const batches = Array.from({ length: Math.ceil(texts.length / MAX_TEXTS) }, (_, at) => texts.slice(at * MAX_TEXTS, (at + 1) * MAX_TEXTS));
  const requests = batches.map((batch) => ({
    method: "POST",
    url: address,
    secretHeaders: [{ name: "authorization", prefix: "DeepL-Auth-Key ", secret: "service-key" }],
    headers: { accept: "application/json" },
    timeout: timeoutSeconds * 1_000,
    json: {
      text: batch.map((text) => mark(text, glossary)),
      source_lang: languageOf(source, "source"),
      target_lang: languageOf(target, "target"),
      formality,
      preserve_formatting: true,
      tag_handling: "xml",
      ignore_tags: [TAG],
    },
  }));
  return http.sendAll(requests).flatMap((response, at) => {
    if (response instanceof PluginError) {
      // The host has no value for the secret yet.
      throw response.is("not-found") ? refused("key", locale) : response;
    }
    return response.ok ? readTexts(response, batches[at]?.length ?? 0) : fail(response, locale);
  });
}

function readTexts(response: http.Response, count: number): string[] {
  const { translations } = (response.json() ?? {}) as { translations?: unknown };
  const texts = Array.isArray(translations) ? translations.map((each: { text?: unknown } | null) => each?.text) : [];
  if (texts.length !== count || !texts.every((text) => typeof text === "string")) {
    log.warn("the service's answer has not the texts that it was sent", { count, texts: texts.length });
    throw PluginError.unavailable();
  }
  return texts.map(unmark);
}

/** What an answer that is not of the 200s means: to an editor where they can do something about it, else to try again later. */
function fail(response: http.Response, locale: string): never {
  const { status } = response;
  log.warn("the service refused a request", { status });
  switch (status) {
    case 400:
      throw refused("language", locale);
    case 401:
    case 403:
      throw refused("key", locale);
    case 413:
      throw refused("tooLong", locale);
    case 456:
      throw refused("quota", locale);
    default:
      throw PluginError.unavailable(response.retryAfter() ?? null);
  }
}

function refused(problem: "address" | "key" | "language" | "quota" | "tooLong", locale: string): PluginError {
  return PluginError.field("", problem, i18n.translate(`problem.${problem}`, locale));
}
