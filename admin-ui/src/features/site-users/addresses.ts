import { defineAddress } from '@/app/address';
import { readNumber, readOneOf, readText } from '@/app/searchParams';

/** Which users are listed by how they stand. */
export const STATE_FILTERS = ['unconfirmed', 'blocked'] as const;

/** The order of the list; by name where none is named. */
export const SORTS = ['username:desc', 'signedInAt:desc', 'signedInAt:asc'] as const;

/** The users of the site. */
export const siteUsersAddress = defineAddress({
  path: '/site-users',
  search: (raw) => ({
    q: readText(raw.q),
    state: readOneOf(raw.state, STATE_FILTERS),
    role: readText(raw.role),
    sort: readOneOf(raw.sort, SORTS),
    page: readNumber(raw.page),
    invite: raw.invite === true || undefined,
  }),
});

/** One of them. */
export const siteUserAddress = defineAddress({ path: '/site-users/$id' });
