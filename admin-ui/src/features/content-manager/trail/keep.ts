import type { Query } from '@/api/content';
import type { ListSearch } from '../addresses';

/** A list as somebody left it: what its address said, and the ids that it had, by the numbers of their pages. */
export interface Trail {
  search: ListSearch;
  query: Query;
  total: number;
  pageSize: number;
  pages: Readonly<Record<number, readonly string[]>>;
}

const trails = new Map<string, Trail>();

const keyOf = (userId: number, uid: string): string => `cairn.trail.${userId}.${uid}`;

/** Keeps how a list was left, in this tab. */
export function keepTrail(userId: number, uid: string, trail: Trail): void {
  trails.set(keyOf(userId, uid), trail);
}

/** Keeps it for another load of the page as well. */
export function storeTrail(userId: number, uid: string): void {
  const trail = trails.get(keyOf(userId, uid));
  try {
    if (trail) sessionStorage.setItem(keyOf(userId, uid), JSON.stringify(trail));
  } catch {
    // The storage is full or refused: after another load there is no way to the neighbours.
  }
}

/** What is kept of a list in this tab since the page was loaded. */
export function keptTrail(userId: number, uid: string): Trail | undefined {
  return trails.get(keyOf(userId, uid));
}

/** What an earlier load of the page has stored of it. */
export function storedTrail(userId: number, uid: string): string | null {
  return sessionStorage.getItem(keyOf(userId, uid));
}
