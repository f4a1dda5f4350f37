// Words of the glossary in a text: the service gets the translated word in a tag that it leaves alone, and the tag is taken out again.

import type { Pair } from "./model.js";

/** The tag whose content the service does not translate. */
export const TAG = "x";

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const unescape = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The text as XML, with the words of the glossary in place of its own: whole words in any case, the longest first. */
export function mark(text: string, glossary: readonly Pair[]): string {
  const byWord = new Map(glossary.map(({ source, target }) => [source.toLowerCase(), target]));
  const words = [...byWord.keys()].sort((a, b) => b.length - a.length);
  if (words.length === 0) {
    return escape(text);
  }
  const found = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.map(literal).join("|")})(?![\\p{L}\\p{N}])`, "giu");
  let marked = "";
  let end = 0;
  for (const match of text.matchAll(found)) {
    const target = byWord.get(match[0].toLowerCase());
    if (target === undefined) {
      continue;
    }
    marked += `${escape(text.slice(end, match.index))}<${TAG}>${escape(target)}</${TAG}>`;
    end = match.index + match[0].length;
  }
  return marked + escape(text.slice(end));
}

/** The translation as plain text again. */
export function unmark(translation: string): string {
  return unescape(translation.replaceAll(`<${TAG}>`, "").replaceAll(`</${TAG}>`, ""));
}
