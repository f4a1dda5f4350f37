/** What the signed-in person may do in the admin UI, as the session tells it. */
export interface Permissions {
  /** May do everything. */
  isSuper: boolean;
  /** The names of the permissions, such as `admin::webhooks.read`. */
  actions: readonly string[];
}

/** Permissions of which one is enough. Empty or absent: everybody has access. */
export type RequiredPermissions = readonly string[];

/** Returns whether one of the required permissions is held. */
export function hasPermission(permissions: Permissions | undefined, needs: RequiredPermissions | undefined): boolean {
  if (!needs || needs.length === 0) return true;
  if (!permissions) return false;
  return permissions.isSuper || needs.some((action) => permissions.actions.includes(action));
}
