// What the server sends: `docs/plugins/translation.md`.

import { PluginError } from "@cairn/plugin";

/** A word of the glossary and its translation; equal where it is not translated. */
export interface Pair {
  source: string;
  target: string;
}

/** Texts to translate. */
export interface Wanted {
  source: string;
  target: string;
  texts: string[];
  glossary: Pair[];
}

const isText = (value: unknown): value is string => typeof value === "string";
const isPair = (value: unknown): value is Pair =>
  typeof value === "object" && value !== null && isText((value as Pair).source) && isText((value as Pair).target);

/** Reads the body of a request. Cairn sends what fits; a program that calls the route itself may not. */
export function readWanted(body: unknown): Wanted {
  const { source, target, texts, glossary = [] } = (body ?? {}) as Record<string, unknown>;
  if (!isText(source) || !isText(target)) {
    throw PluginError.field(isText(source) ? "target" : "source", "type", "expected a language");
  }
  if (!Array.isArray(texts) || !texts.every(isText)) {
    throw PluginError.field("texts", "type", "expected a list of texts");
  }
  if (!Array.isArray(glossary) || !glossary.every(isPair)) {
    throw PluginError.field("glossary", "type", "expected a list of words and their translations");
  }
  return { source, target, texts, glossary };
}
