import { defineRoute } from '@/app/route';
import {
  usersAddress,
  rolesAddress,
  roleAddress,
  explainPermissionAddress,
  contentRolesAddress,
  contentRoleAddress,
  tokensAddress,
  adminTokenAddress,
  tokenAddress,
} from './addresses';

export const usersRoute = defineRoute(usersAddress, {
  layout: 'settings',
  title: 'users:users.title',
  needs: ['settings.users'],
  page: () => import('./UsersPage'),
});

export const rolesRoute = defineRoute(rolesAddress, {
  layout: 'settings',
  title: 'users:roles.title',
  needs: ['settings.roles'],
  page: () => import('./RolesPage'),
});

export const roleRoute = defineRoute(roleAddress, {
  layout: 'settings',
  title: 'users:roles.title',
  needs: ['settings.roles'],
  page: () => import('./RolePage'),
});

export const explainPermissionRoute = defineRoute(explainPermissionAddress, {
  layout: 'settings',
  title: 'users:why.title',
  needs: ['settings.roles'],
  page: () => import('./ExplainPermissionPage'),
});

export const contentRolesRoute = defineRoute(contentRolesAddress, {
  layout: 'settings',
  title: 'users:contentRoles.title',
  needs: ['settings.content-roles'],
  page: () => import('./ContentRolesPage'),
});

export const contentRoleRoute = defineRoute(contentRoleAddress, {
  layout: 'settings',
  title: 'users:contentRoles.title',
  needs: ['settings.content-roles'],
  page: () => import('./ContentRolePage'),
});

export const tokensRoute = defineRoute(tokensAddress, {
  layout: 'settings',
  title: 'users:tokens.title',
  needs: ['settings.api-tokens'],
  page: () => import('./TokensPage'),
});

export const adminTokenRoute = defineRoute(adminTokenAddress, {
  layout: 'settings',
  title: 'users:adminTokens.title',
  needs: ['settings.api-tokens'],
  page: () => import('./AdminTokenPage'),
});

export const tokenRoute = defineRoute(tokenAddress, {
  layout: 'settings',
  title: 'users:tokens.title',
  needs: ['settings.api-tokens'],
  page: () => import('./TokenPage'),
});
