import { hasPermission, type RequiredPermissions, type Permissions } from './permissions';

/** What somebody may use of what the features offer. */
export function filterPermitted<Offered extends { needs?: RequiredPermissions }>(
  offered: readonly Offered[],
  permissions: Permissions,
): Offered[] {
  return offered.filter(({ needs }) => hasPermission(permissions, needs));
}

/** In the order the features ask for; the same order keeps that of the folders. */
export function sortByOrder<Ordered extends { order: number }>(ordered: readonly Ordered[]): Ordered[] {
  return ordered.toSorted((a, b) => a.order - b.order);
}
