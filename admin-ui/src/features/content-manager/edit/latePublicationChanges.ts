import { lazyPart } from '@/ui/lazyPart';

/** What readers see differently once an entry is published, loaded when a page shows it. */
export const PublicationChanges = lazyPart(() => import('./PublicationChanges'));
