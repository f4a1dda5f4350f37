import type { Attribute } from '@/api/model';

/** How the values of well-known Strapi plugins are kept; what nobody here knows is JSON. The server reads them alike. */
const known: Record<string, 'richtext' | 'string'> = {
  'plugin::ckeditor.CKEditor': 'richtext',
  'plugin::color-picker.color': 'string',
};

/** The kind whose input shows a custom field. */
export function baseOf(attribute: Attribute): 'richtext' | 'string' | 'json' {
  return known[attribute.customField ?? ''] ?? 'json';
}
