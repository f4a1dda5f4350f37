/** Why something cannot be called so: a key of the texts. */
export type NameProblem = 'empty' | 'form' | 'long' | 'taken' | 'reserved';

const RESERVED = [
  'id',
  'documentId',
  'createdAt',
  'updatedAt',
  'publishedAt',
  'createdBy',
  'updatedBy',
  'locale',
  'localizations',
  'entryId',
  'constructor',
  'prototype',
];
const MAX_NAME_CHARS = 50;

/** What is wrong with the name of an attribute. The server has the last word; this one comes while typing. */
export function attributeNameProblem(name: string, others: readonly string[]): NameProblem | undefined {
  if (!name) return 'empty';
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name)) return 'form';
  if (name.length > MAX_NAME_CHARS) return 'long';
  if (others.some((other) => toSnakeCase(other) === toSnakeCase(name))) return 'taken';
  return RESERVED.some((word) => toSnakeCase(word) === toSnakeCase(name)) ? 'reserved' : undefined;
}

/** What is wrong with a name of the API: small letters and single dashes. */
export function apiNameProblem(name: string, others: readonly string[]): NameProblem | undefined {
  if (!name) return 'empty';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) return 'form';
  if (name.length > MAX_NAME_CHARS) return 'long';
  return others.includes(name) ? 'taken' : undefined;
}

function toSnakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

function stripAccents(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, ' ')
    .trim();
}

/** `Blog post` becomes `blog-post`. */
export function toKebabCase(text: string): string {
  return stripAccents(text)
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace(/^[0-9-]+/, '')
    .slice(0, MAX_NAME_CHARS);
}

/** `Happened on` becomes `happenedOn`. */
export function toCamelCase(text: string): string {
  const words = stripAccents(text).split(' ').filter(Boolean);
  const joined = words
    .map((word, index) => (index === 0 ? word.charAt(0).toLowerCase() : word.charAt(0).toUpperCase()) + word.slice(1))
    .join('');
  return joined.replace(/^[0-9]+/, '').slice(0, MAX_NAME_CHARS);
}

/** The name of an attribute for what was typed: `Body` becomes `body`, `Reading level` `readingLevel`, `SEO` `seo`. */
export function toAttributeName(typed: string): string {
  const text = typed.trim();
  if (/^[a-z][A-Za-z0-9_-]*$/.test(text)) return text;
  // A word in capitals is one word.
  const begun = text.replace(/^\p{Lu}{2,}(?!\p{Ll})/u, (word) => word.toLowerCase());
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(begun) ? begun.charAt(0).toLowerCase() + begun.slice(1) : toCamelCase(begun);
}

/** The plural of an English name, as good as a rule can be; the form lets it be changed. */
export function pluralize(name: string): string {
  if (!name) return '';
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`;
}

/** The name of a copy that is not taken yet: `title2`. */
export function freeName(name: string, taken: readonly string[]): string {
  for (let number = 2; ; number += 1) {
    const next = `${name.replace(/[0-9]+$/, '')}${number}`;
    if (!taken.includes(next)) return next;
  }
}
