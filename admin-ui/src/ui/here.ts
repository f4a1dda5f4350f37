import type { ComponentType } from 'react';

/** Fetches a component of a file of its own, its default export; or has it already. */
export interface Load {
  (): Promise<{ default: ComponentType }>;
  part?: ComponentType;
}

/**
 * A component where a lazy one is asked for, for what the first page shows: it comes with the shell, in its one file. Fetched by itself, each widget
 * of a few lines would be a request more before the page is whole.
 */
export function here(part: ComponentType): Load {
  return Object.assign(async () => ({ default: part }), { part });
}
