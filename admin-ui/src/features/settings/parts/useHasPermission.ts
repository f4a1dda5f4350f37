import { useSession } from '@/api/session';
import { hasPermission } from '@/app/permissions';

/** Returns whether the signed-in user has a permission. */
export function useHasPermission(action: string): boolean {
  return hasPermission(useSession().permissions, [action]);
}
