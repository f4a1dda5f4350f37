import type { Feature } from '@/ui/feature';

/**
 * What the features add to the frame, in the order of the folders' names. A folder without `register.ts` adds nothing by
 * itself: it is used by others.
 */
const registered = import.meta.glob<() => Feature>('./features/*/register.ts', { eager: true, import: 'register' });

export const features: readonly Feature[] = Object.values(registered).map((register) => register());
