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

/** One release. */
export const releaseAddress = defineAddress({ path: '/releases/$id' });
