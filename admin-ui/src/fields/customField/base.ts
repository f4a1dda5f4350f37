import type { Attribute } from '@/api/model';

/** How the values of well-known Strapi plugins are kept; what nobody here knows is JSON. The server reads them alike. */
const known: Record<string, 'richtext' | 'string' | 'json'> = {
  'plugin::ckeditor.CKEditor': 'richtext',
  'plugin::ckeditor5.CKEditor': 'richtext',
  'plugin::color-picker.color': 'string',
  'plugin::multi-select.multi-select': 'json',
};

/** The kind whose input shows a custom field. */
export function baseOf(attribute: Attribute): 'richtext' | 'string' | 'json' {
  const name = attribute.customField ?? '';
  return Object.hasOwn(known, name) ? (known[name] ?? 'json') : 'json';
}

/** A view of a plugin, as an attribute names it. */
export interface NamedView {
  plugin: string;
  view: string;
}

/** The view that an attribute is to be drawn by. None where it names none, or one whose input is here. */
export function namedView({ customField = '' }: Attribute): NamedView | undefined {
  const [, plugin, view] = /^plugin::([^.]+)\.(.+)$/.exec(customField) ?? [];
  return plugin && view && !Object.hasOwn(known, customField) ? { plugin, view } : undefined;
}
