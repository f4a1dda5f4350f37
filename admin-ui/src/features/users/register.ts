import { IconHelp, IconKey, IconShieldLock, IconUsers, IconWorldShare } from '@tabler/icons-react';
import type { Feature, SettingsPage } from '@/app/feature';
import type { AppRoute } from '@/app/route';
import type { Icon } from '@/ui/icon';
import {
  adminTokenRoute,
  contentRoleRoute,
  contentRolesRoute,
  roleRoute,
  rolesRoute,
  tokenRoute,
  tokensRoute,
  usersRoute,
  explainPermissionRoute,
} from './routes';

/** Who may do what: people, roles, programs. */
export function register(): Feature {
  return {
    name: 'users',
    routes: [
      usersRoute,
      rolesRoute,
      roleRoute,
      explainPermissionRoute,
      contentRolesRoute,
      contentRoleRoute,
      tokensRoute,
      tokenRoute,
      adminTokenRoute,
    ],
    settings: [
      settingsPage('users', usersRoute, 'people', 10, IconUsers),
      settingsPage('roles', rolesRoute, 'people', 20, IconShieldLock),
      settingsPage('why', explainPermissionRoute, 'people', 30, IconHelp),
      settingsPage('contentRoles', contentRolesRoute, 'integrations', 12, IconWorldShare),
      settingsPage('tokens', tokensRoute, 'integrations', 10, IconKey),
    ],
  };
}

/** A page of the settings whose texts go by its id. */
function settingsPage(
  id: string,
  route: AppRoute,
  group: SettingsPage['group'],
  order: number,
  icon: Icon,
): SettingsPage {
  return {
    id,
    label: `users:${id}.title`,
    description: `users:${id}.lead`,
    group,
    to: route.path,
    order,
    icon,
    needs: route.needs,
  };
}
