import type { Attribute } from '@/api/model';

/** The longest name that is made. */
const MAX_LENGTH = 200;

/** The highest number that is put behind a name. */
export const MAX_SLUG_NUMBER = 200;

/**
 * A name for addresses made of a text: `Ünïque Título!` → `unique-titulo`. Accents go, what is left beside letters and
 * digits of the Latin alphabet becomes a hyphen.
 */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll(/[æÆ]/g, 'ae')
    .replaceAll(/[øØ]/g, 'o')
    .replaceAll(/[łŁ]/g, 'l')
    .toLowerCase()
    .replaceAll(/['’]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_LENGTH);
}

/** The name for addresses that an attribute has for a text, no longer than it may be. */
export function makeSlug(attribute: Attribute, text: string): string {
  return cut(slugOf(text), attribute.maxLength);
}

/** A name with a number behind it, as it is called when others have it already: `rain`, `rain-2`, `rain-3`. */
export function numberSlug(attribute: Attribute, slug: string, number: number): string {
  if (number === 1) return slug;
  const suffix = `-${number}`;
  return cut(slug, Math.min(MAX_LENGTH, attribute.maxLength ?? MAX_LENGTH) - suffix.length) + suffix;
}

/** Whether a name is the one made of a text, or that one with a number behind it. */
export function isMadeOf(attribute: Attribute, text: string, slug: string): boolean {
  const made = makeSlug(attribute, text);
  if (slug === made) return true;
  const number = Number(/-(\d+)$/.exec(slug)?.[1]);
  return made !== '' && number >= 2 && number <= MAX_SLUG_NUMBER && slug === numberSlug(attribute, made, number);
}

function cut(slug: string, length: number | undefined): string {
  return slug.slice(0, length).replace(/-+$/, '');
}
