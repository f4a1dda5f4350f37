import { defineAddress } from '@/app/address';

/** The way in which releases are shown. */
export interface ReleasesSearch {
  view: 'list' | 'board';
}

/** All releases. */
export const releasesAddress = defineAddress({
  path: '/releases',
  search: (raw): ReleasesSearch => ({ view: raw.view === 'board' ? 'board' : 'list' }),
});

/** What the page of a release shows: what is in it, where nothing is said. */
export interface ReleaseSearch {
  view?: 'preview';
}

/** One release. */
export const releaseAddress = defineAddress({
  path: '/releases/$id',
  search: (raw): ReleaseSearch => (raw.view === 'preview' ? { view: 'preview' } : {}),
});
