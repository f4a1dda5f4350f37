import type { UnlinkedPolicy } from '@/api/assetRights';

/** What it can mean that nothing is linked to a file. */
export const UNLINKED_POLICIES: readonly UnlinkedPolicy[] = ['ignore', 'warn', 'block'];
