import type { Unlinked } from '@/api/assetRights';

/** What it can mean that nothing is linked to a file. */
export const UNLINKED: readonly Unlinked[] = ['ignore', 'warn', 'block'];
