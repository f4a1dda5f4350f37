import { useSession } from '@/api/session';
import { may } from '@/app/permissions';

/** Whether somebody keeps the rights of files. */
export function useManages(): boolean {
  return may(useSession().permissions, ['media.rights']);
}
