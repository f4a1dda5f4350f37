import { may, type Needs, type Permissions } from './permissions';

/** What somebody may use of what the features offer. */
export function visible<Offered extends { needs?: Needs }>(
  offered: readonly Offered[],
  permissions: Permissions,
): Offered[] {
  return offered.filter(({ needs }) => may(permissions, needs));
}

/** In the order the features ask for; the same order keeps that of the folders. */
export function byOrder<Ordered extends { order: number }>(ordered: readonly Ordered[]): Ordered[] {
  return ordered.toSorted((a, b) => a.order - b.order);
}
