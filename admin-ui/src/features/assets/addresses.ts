import { defineAddress } from '@/app/address';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

/** The kinds of file that the library tells apart. */
export const KINDS = ['image', 'video', 'audio', 'document', 'model', 'other'] as const;

/** The orders that the library can be put in. */
export const SORTS = [
  'addedAt:desc',
  'addedAt:asc',
  'name:asc',
  'name:desc',
  'bytes:desc',
  'bytes:asc',
  'updatedAt:desc',
] as const;

/** The part of the library that is looked at. */
export interface LibrarySearch {
  /** A folder's number, `0` for files in none; without it all files. */
  folder?: number;
  q?: string;
  kind?: (typeof KINDS)[number];
  tag?: string;
  /** `unused`: no entry links to it; `alt`: pictures without words; `private`: only for who may. */
  only?: 'unused' | 'alt' | 'private';
  trash?: boolean;
  sort?: (typeof SORTS)[number];
  /** The file that is open. */
  file?: string;
}

/** The library: all files. */
export const libraryAddress = defineAddress({
  path: '/media',
  search: (raw): LibrarySearch => ({
    folder: raw.folder === 0 || raw.folder === '0' ? 0 : readNumber(raw.folder),
    q: readText(raw.q),
    kind: readOneOf(raw.kind, KINDS),
    tag: readText(raw.tag),
    only: readOneOf(raw.only, ['unused', 'alt', 'private']),
    trash: raw.trash === true || raw.trash === 'true' || undefined,
    sort: readOneOf(raw.sort, SORTS),
    file: readText(raw.file),
  }),
});

/** Files whose licences end soon, were withdrawn, or are not known. */
export const expiringAddress = defineAddress({
  path: '/media/rights',
  search: (raw): { report?: 'expiring' | 'withdrawn' | 'unknown' } => ({
    report: readOneOf(raw.report, ['expiring', 'withdrawn', 'unknown']),
  }),
});

/** Files with the same bytes. */
export const duplicatesAddress = defineAddress({ path: '/media/duplicates' });

/** The rules for media rights, among the settings. */
export const policyAddress = defineAddress({ path: '/settings/media-rights' });
