import { IconHelp, IconKey, IconShieldLock, IconUsers, IconWorldShare } from '@tabler/icons-react';
import type { Feature, RegisteredRoute, SettingsPage } from '@/app/feature';
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
  whyRoute,
} from './routes';

/** Who may do what: people, roles, programs. */
export function register(): Feature {
  return {
    name: 'users',
    routes: [
      usersRoute,
      rolesRoute,
      roleRoute,
      whyRoute,
      contentRolesRoute,
      contentRoleRoute,
      tokensRoute,
      tokenRoute,
      adminTokenRoute,
    ],
    settings: [
      page('users', usersRoute, 'people', 10, IconUsers),
      page('roles', rolesRoute, 'people', 20, IconShieldLock),
      page('why', whyRoute, 'people', 30, IconHelp),
      page('contentRoles', contentRolesRoute, 'integrations', 12, IconWorldShare),
      page('tokens', tokensRoute, 'integrations', 10, IconKey),
    ],
  };
}

/** A page of the settings whose texts go by its id. */
function page(
  id: string,
  route: RegisteredRoute,
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
