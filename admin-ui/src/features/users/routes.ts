import { defineRoute } from '@/app/route';
import { readNumber, readText } from '@/app/searchParams';

export const usersRoute = defineRoute({
  path: '/settings/users',
  layout: 'settings',
  title: 'users:users.title',
  needs: ['settings.users'],
  search: (raw): { user?: number; invite?: boolean } => ({
    user: readNumber(raw.user),
    invite: raw.invite === true || undefined,
  }),
  page: () => import('./UsersPage'),
});

export const rolesRoute = defineRoute({
  path: '/settings/roles',
  layout: 'settings',
  title: 'users:roles.title',
  needs: ['settings.roles'],
  page: () => import('./RolesPage'),
});

/** A role of admin users; `new` in place of a code makes one. */
export const roleRoute = defineRoute({
  path: '/settings/roles/$code',
  layout: 'settings',
  title: 'users:roles.title',
  needs: ['settings.roles'],
  page: () => import('./RolePage'),
});

/** Why somebody may do something, or may not: `whyRoute.to({}, { user, action, type, documentId })`. */
export const explainPermissionRoute = defineRoute({
  path: '/settings/why',
  layout: 'settings',
  title: 'users:why.title',
  needs: ['settings.roles'],
  search: (raw): { user?: number; action?: string; type?: string; documentId?: string } => ({
    user: readNumber(raw.user),
    action: readText(raw.action),
    type: readText(raw.type),
    documentId: readText(raw.documentId),
  }),
  page: () => import('./ExplainPermissionPage'),
});

export const contentRolesRoute = defineRoute({
  path: '/settings/content-roles',
  layout: 'settings',
  title: 'users:contentRoles.title',
  needs: ['settings.content-roles'],
  page: () => import('./ContentRolesPage'),
});

export const contentRoleRoute = defineRoute({
  path: '/settings/content-roles/$code',
  layout: 'settings',
  title: 'users:contentRoles.title',
  needs: ['settings.content-roles'],
  page: () => import('./ContentRolePage'),
});

export const tokensRoute = defineRoute({
  path: '/settings/api-tokens',
  layout: 'settings',
  title: 'users:tokens.title',
  needs: ['settings.api-tokens'],
  page: () => import('./TokensPage'),
});

/** An admin token; `new` in place of a number makes one. */
export const adminTokenRoute = defineRoute({
  path: '/settings/api-tokens/admin/$id',
  layout: 'settings',
  title: 'users:adminTokens.title',
  needs: ['settings.api-tokens'],
  page: () => import('./AdminTokenPage'),
});

/** A token; `new` in place of a number makes one. */
export const tokenRoute = defineRoute({
  path: '/settings/api-tokens/$id',
  layout: 'settings',
  title: 'users:tokens.title',
  needs: ['settings.api-tokens'],
  page: () => import('./TokenPage'),
});
