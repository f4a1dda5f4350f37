import { useSession } from '@/api/session';
import { hasPermission } from '@/app/permissions';

/** Whether whoever is signed in has a right. */
export function useHasPermission(action: string): boolean {
  return hasPermission(useSession().permissions, [action]);
}
