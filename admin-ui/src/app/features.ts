import type { Feature } from './feature';

/** The frame registers what it adds in the same way. */
const registered = import.meta.glob<() => Feature>(['../features/*/register.ts', './shell/register.ts'], {
  eager: true,
  import: 'register',
});

/**
 * What the features add to the frame, in the order of their names. A folder without `register.ts` adds nothing by itself: it is
 * used by others.
 */
export const features: readonly Feature[] = Object.values(registered)
  .map((register) => register())
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));
