import { useSession } from '@/api/session';
import { may } from '@/app/permissions';

/** Whether whoever is signed in has a right. */
export function useMay(action: string): boolean {
  return may(useSession().permissions, [action]);
}
