import { IconWand } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { demoRoute, MAY_FILL } from './routes';

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
        needs: MAY_FILL,
        target: demoRoute.to({}),
      },
    ],
  };
}
