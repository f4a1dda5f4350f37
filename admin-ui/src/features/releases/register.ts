import { IconPackage } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import { releaseRoute, releasesRoute } from './routes';
import UpcomingWidget, { useHasReleases } from './UpcomingWidget';

/** Releases: entries that go out together. */
export function register(): Feature {
  return {
    name: 'releases',
    routes: [releasesRoute, releaseRoute],
    navigation: [
      {
        id: 'releases',
        label: 'releases:title',
        icon: IconPackage,
        to: '/releases',
        order: 30,
        needs: releasesRoute.needs,
        goTo: 'r',
      },
    ],
    widgets: [
      {
        id: 'releases',
        title: 'releases:widget.title',
        order: 30,
        needs: releasesRoute.needs,
        widget: UpcomingWidget,
        useHasContent: useHasReleases,
      },
    ],
  };
}
