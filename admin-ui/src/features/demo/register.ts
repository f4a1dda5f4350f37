import { IconWand } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { demoRoute, FILL_PERMISSIONS } from './routes';

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
        target: demoRoute.to({}),
      },
    ],
  };
}
