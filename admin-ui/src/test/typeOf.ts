import type { ContentType } from '@/api/model';

// For tests alone.

/** A content type with what menus look at: its name, its kind, and whether somebody may read and create entries. */
export function typeOf(
  name: string,
  more: Partial<ContentType> & { find?: boolean; create?: boolean } = {},
): ContentType {
  const { find = true, create = true, ...rest } = more;
  return {
    uid: `api::${name.toLowerCase()}.${name.toLowerCase()}`,
    kind: 'collectionType',
    info: { displayName: name },
    attributes: {},
    can: { find, create },
    ...rest,
  } as ContentType;
}
