import { useQuery } from '@tanstack/react-query';
import { SITE_ROLE_UID, SITE_USER_UID } from '@/api/model';
import { sessionQuery } from '@/api/session';

/** The address of the page of what a relation leads to; nothing where there is none that the reader may open. */
export function useTargetPage(uid: string | undefined, documentId: string): string | undefined {
  // What the frame has read: without one nobody is asked.
  const permissions = useQuery({ ...sessionQuery, enabled: false }).data?.permissions;
  // The page of a role is at its code, which a relation does not know.
  if (!uid || uid === SITE_ROLE_UID) return undefined;
  if (uid !== SITE_USER_UID) return `/admin/content/${encodeURIComponent(uid)}/${encodeURIComponent(documentId)}`;
  const opens = permissions?.isSuper || permissions?.actions.includes('content-users.read');
  return opens ? `/admin/site-users/${encodeURIComponent(documentId)}` : undefined;
}
