import { en } from './en.ts';
import { nl } from './nl.ts';

export type TextKey = keyof typeof en;
export type Texts = Record<TextKey, string>;

/** Languages of the site. To add one: a file beside `en.ts`, and a line here. */
const LANGUAGES = { nl, en } satisfies Record<string, Texts>;

export type Language = keyof typeof LANGUAGES;

/** A text with its values filled in. */
export function translate(language: Language, key: TextKey, values: Record<string, string | number> = {}): string {
  // A newer version of a plugin may have values that the site has no word for: then the value itself is shown.
  const text: string | undefined = LANGUAGES[language][key];
  const shown = text ?? key.slice(key.lastIndexOf('.') + 1);
  return shown.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language of that code, if the site has it. */
export function findLanguage(code: string | null | undefined): Language | undefined {
  return code && Object.hasOwn(LANGUAGES, code) ? (code as Language) : undefined;
}

/** The language that a visitor chose, or else the one that the browser prefers, or else the tenant's first. */
export function chooseLanguage(chosen: string | undefined, acceptLanguage: string | null, offered: string[]): Language {
  const own = offered.map(findLanguage).filter((language) => language !== undefined);
  const preferred = rankLanguages(acceptLanguage).map((code) => findLanguage(code.split('-')[0]));
  return [findLanguage(chosen), ...preferred].find((code) => code && own.includes(code)) ?? own[0] ?? 'nl';
}

function rankLanguages(header: string | null): string[] {
  const ranges = (header ?? '').split(',').map((part) => {
    const [code = '', quality] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/);
    return { code, quality: quality === undefined ? 1 : Number(quality) };
  });
  return ranges
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ code }) => code);
}
