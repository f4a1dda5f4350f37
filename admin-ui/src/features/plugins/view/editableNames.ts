import type { ContentType } from '@/api/model';
import { isWritable } from '@/views/fieldPath';

/** The attributes of some fields that the reader may change in place: those of the type itself, and of JSON only what is asked for by name. */
export function editableNames(
  type: ContentType,
  items: readonly { field: string }[],
  edit: boolean | readonly string[],
): string[] {
  if (edit === false) return [];
  const names = items
    .map(({ field }) => field)
    .filter((field) => {
      const attribute = Object.hasOwn(type.attributes, field) ? type.attributes[field] : undefined;
      if (!attribute || !isWritable(type, field)) return false;
      return edit === true ? attribute.type !== 'json' : edit.includes(field);
    });
  return [...new Set(names)];
}
