import { IconUserCircle } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { siteUserRoute, siteUsersRoute } from './routes';

/** The users of the site: who they are, inviting, helping and blocking them. */
export function register(): Feature {
  return {
    name: 'site-users',
    routes: [siteUsersRoute, siteUserRoute],
    navigation: [
      {
        id: 'site-users',
        label: 'frame:siteUsers',
        icon: IconUserCircle,
        to: '/site-users',
        order: 55,
        needs: siteUsersRoute.needs,
      },
    ],
  };
}
