import type { AdminText } from '@/api/model';
import type { Schema, SchemaAttribute } from '@/api/schemaChanges';
import { type Language, LANGUAGES } from '@/i18n';

/** How long texts for editors may be, as the server counts. */
export const MAX_TEXT_CHARS = { label: 120, help: 500, placeholder: 120, displayName: 120, description: 500 } as const;

/** Kinds whose empty field can show a text. */
export const PLACEHOLDER_TYPES: readonly string[] = [
  'string',
  'text',
  'email',
  'uid',
  'integer',
  'biginteger',
  'float',
  'decimal',
];

/** Kinds that can be the title of an entry. */
export const TITLE_TYPES: readonly string[] = ['string', 'text', 'email', 'uid'];

const languages = Object.keys(LANGUAGES) as Language[];

/** The text as it is written for a language; one for all languages is that of each. */
export function textIn(text: AdminText | undefined, language: Language): string {
  return (typeof text === 'string' ? text : text?.[language]) ?? '';
}

/** The text that a reader of the language sees: as the server chooses it. */
export function textFor(text: AdminText | undefined, language: string): string | undefined {
  return typeof text === 'string' ? text : (text?.[language as Language] ?? text?.en);
}

/** The text with another one for a language; nothing where no language has one. */
export function withTextIn(text: AdminText | undefined, language: Language, written: string): AdminText | undefined {
  const texts = languages.map((each) => [each, each === language ? written : textIn(text, each)] as const);
  const left = texts.filter(([, each]) => each.trim() !== '');
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}

/** The text as it is stored: without space around it. */
export function trimText(text: AdminText | undefined): AdminText | undefined {
  if (text === undefined || typeof text === 'string') return text?.trim();
  return Object.fromEntries(Object.entries(text).map(([language, each]) => [language, each.trim()]));
}

/** Whether a text is longer than the server takes it. */
export function isTooLong(written: string, limit: number): boolean {
  return [...written.trim()].length > limit;
}

const TEXT_KEYS = ['label', 'help', 'placeholder'] as const;

/** An attribute with its texts as they are stored. */
export function trimTexts(attribute: SchemaAttribute): SchemaAttribute {
  const texts = attribute.pluginOptions?.cairn ?? {};
  return TEXT_KEYS.filter((key) => key in texts).reduce(
    (each, key) => withPresentation(each, key, trimText(texts[key])),
    attribute,
  );
}

/** Whether one of an attribute's texts is. */
export function hasLongText({ pluginOptions }: SchemaAttribute): boolean {
  return TEXT_KEYS.some((key) =>
    languages.some((each) => isTooLong(textIn(pluginOptions?.cairn?.[key], each), MAX_TEXT_CHARS[key])),
  );
}

type Presented = { pluginOptions?: { cairn?: object } };

/** A type or attribute with a key of its presentation set, or without it where there is nothing in it. */
export function withPresentation<
  Owner extends Presented,
  Key extends keyof NonNullable<NonNullable<Owner['pluginOptions']>['cairn']>,
>(owner: Owner, key: Key, value: NonNullable<NonNullable<Owner['pluginOptions']>['cairn']>[Key] | undefined): Owner {
  const { pluginOptions, ...rest } = owner;
  const { cairn = {}, ...others } = pluginOptions ?? {};
  const { [key]: _old, ...options } = cairn as Record<Key, unknown>;
  const absent = value === undefined || (Array.isArray(value) && value.length === 0);
  const next = absent ? options : { ...options, [key]: value };
  const plugins = Object.keys(next).length > 0 ? { ...others, cairn: next } : others;
  return (Object.keys(plugins).length > 0 ? { ...rest, pluginOptions: plugins } : rest) as Owner;
}

/** A type whose presentation names an attribute by its new name, or (`to` is null) no longer. */
export function withNameInPresentation(schema: Schema, from: string, to: string | null): Schema {
  const old = schema.pluginOptions?.cairn;
  if (!old) return schema;
  const renamed = (names: readonly string[]): string[] =>
    names.flatMap((name) => (name === from ? (to === null ? [] : [to]) : [name]));
  let next = schema;
  if (old.mainField === from) next = withPresentation(next, 'mainField', to ?? undefined);
  if (old.columns?.includes(from)) next = withPresentation(next, 'columns', renamed(old.columns));
  const [sorted, direction] = (old.sort ?? '').split(':');
  if (sorted === from) {
    const sort = to === null ? undefined : [to, ...(direction ? [direction] : [])].join(':');
    next = withPresentation(next, 'sort', sort);
  }
  if (old.groups?.some(({ fields }) => fields.includes(from))) {
    const groups = old.groups.map((group) => ({ ...group, fields: renamed(group.fields) }));
    next = withPresentation(next, 'groups', groups);
  }
  return next;
}
