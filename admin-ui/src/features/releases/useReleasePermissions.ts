import { useSession } from '@/api/session';
import { hasPermission } from '@/app/permissions';

interface ReleasePermissions {
  /** Changes what is in releases. */
  mayManage: boolean;
  /** Publishes, schedules and rolls back. */
  mayPublish: boolean;
  /** Sees the site as it will be. */
  maySeeSite: boolean;
}

/** What the signed-in person may do with releases. */
export function useReleasePermissions(): ReleasePermissions {
  const { permissions } = useSession();
  return {
    mayManage: hasPermission(permissions, ['releases.manage']),
    mayPublish: hasPermission(permissions, ['releases.publish']),
    maySeeSite: hasPermission(permissions, ['preview.see-as']),
  };
}
