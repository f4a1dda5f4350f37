import { defineRoute } from '@/app/route';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

export const KINDS = ['image', 'video', 'audio', 'document', 'model', 'other'] as const;
export const SORTS = [
  'addedAt:desc',
  'addedAt:asc',
  'name:asc',
  'name:desc',
  'bytes:desc',
  'bytes:asc',
  'updatedAt:desc',
] as const;

/** What is looked at in the library. */
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

/** All files. */
export const libraryRoute = defineRoute({
  path: '/media',
  layout: 'app',
  title: 'media:title',
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
  page: () => import('./LibraryPage'),
});

/** Files whose licences end soon, were withdrawn, or are not known. */
export const expiringRoute = defineRoute({
  path: '/media/rights',
  layout: 'app',
  title: 'media:expiring.title',
  search: (raw): { report?: 'expiring' | 'withdrawn' | 'unknown' } => ({
    report: readOneOf(raw.report, ['expiring', 'withdrawn', 'unknown']),
  }),
  page: () => import('./ExpiringPage'),
});

/** Files with the same bytes. */
export const duplicatesRoute = defineRoute({
  path: '/media/duplicates',
  layout: 'app',
  title: 'media:duplicates.title',
  page: () => import('./DuplicatesPage'),
});

/** What it means that nothing is linked to a file; with the settings. */
export const policyRoute = defineRoute({
  path: '/settings/media-rights',
  layout: 'settings',
  title: 'media:policy.title',
  needs: ['media.rights', 'media.read'],
  page: () => import('./rights/PolicyPage'),
});
