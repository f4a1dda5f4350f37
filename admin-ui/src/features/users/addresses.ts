import { defineAddress } from '@/app/address';
import { readNumber, readText } from '@/app/searchParams';

/** The users of the admin UI. */
export const usersAddress = defineAddress({
  path: '/settings/users',
  search: (raw): { user?: number; invite?: boolean } => ({
    user: readNumber(raw.user),
    invite: raw.invite === true || undefined,
  }),
});

/** All roles of admin users. */
export const rolesAddress = defineAddress({ path: '/settings/roles' });

/** A role of admin users; `new` in place of a code makes one. */
export const roleAddress = defineAddress({ path: '/settings/roles/$code' });

/** The reasons why somebody may do something, or may not: `explainPermissionAddress.to({}, { user, action, type, documentId })`. */
export const explainPermissionAddress = defineAddress({
  path: '/settings/why',
  search: (raw): { user?: number; action?: string; type?: string; documentId?: string } => ({
    user: readNumber(raw.user),
    action: readText(raw.action),
    type: readText(raw.type),
    documentId: readText(raw.documentId),
  }),
});

/** All roles of the content API. */
export const contentRolesAddress = defineAddress({ path: '/settings/content-roles' });

/** A role of the content API; `new` in place of a code makes one. */
export const contentRoleAddress = defineAddress({ path: '/settings/content-roles/$code' });

/** All tokens of programs. */
export const tokensAddress = defineAddress({ path: '/settings/api-tokens' });

/** An admin token; `new` in place of a number makes one. */
export const adminTokenAddress = defineAddress({ path: '/settings/api-tokens/admin/$id' });

/** A token; `new` in place of a number makes one. */
export const tokenAddress = defineAddress({ path: '/settings/api-tokens/$id' });
