import { IconWand } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { demoAddress } from './addresses';
import { demoRoute } from './routes';

/** Permissions to fill the project: the types are made first. */
const FILL_PERMISSIONS = ['content-types.change'];

/** Fills a project with a small magazine, to try things out on. */
export function register(): Feature {
  return {
    name: 'demo',
    routes: [demoRoute],
    palette: [
      {
        id: 'demo',
        label: 'demo:fill',
        keywords: 'demo:words',
        icon: IconWand,
        needs: FILL_PERMISSIONS,
        target: demoAddress.to({}),
      },
    ],
  };
}
