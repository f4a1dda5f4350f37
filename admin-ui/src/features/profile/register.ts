import { IconUser } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { profileAddress } from './addresses';
import { profileRoute } from './routes';

/** The profile is reached from the menu of the person and by the palette. */
export function register(): Feature {
  return {
    name: 'profile',
    routes: [profileRoute],
    palette: [
      {
        id: 'profile',
        label: 'profile:title',
        keywords: 'profile:keywords',
        icon: IconUser,
        target: profileAddress.to({}),
      },
    ],
  };
}
