import { useSession } from '@/api/session';
import { hasPermission } from '@/app/permissions';

/** Whether somebody keeps the rights of files. */
export function useCanManage(): boolean {
  return hasPermission(useSession().permissions, ['media.rights']);
}
