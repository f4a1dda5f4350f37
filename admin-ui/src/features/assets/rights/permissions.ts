import type { RequiredPermissions } from '@/app/permissions';

/** Permissions of which one opens the rules for media rights. */
export const POLICY_PERMISSIONS: RequiredPermissions = ['media.rights', 'media.read'];
