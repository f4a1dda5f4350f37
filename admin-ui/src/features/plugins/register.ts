import { IconPuzzle } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import MoreNavigation from './slots/MoreNavigation';
import MoreWidgets from './slots/MoreWidgets';
import { pluginListRoute, pluginPageRoute, pluginRoute, pluginsRoute } from './routes';
import { findPlugins } from './search';

/** Plugins: which there are, and what they show of themselves. */
export function register(): Feature {
  return {
    name: 'plugins',
    routes: [pluginsRoute, pluginRoute, pluginPageRoute, pluginListRoute],
    navigation: [
      {
        id: 'plugins',
        label: 'plugins:title',
        icon: IconPuzzle,
        to: pluginsRoute.path,
        besides: pluginPageRoute.path,
        order: 70,
        needs: pluginsRoute.needs,
      },
    ],
    moreNavigation: MoreNavigation,
    moreWidgets: MoreWidgets,
    paletteSearch: { label: 'plugins:palette', find: findPlugins },
  };
}
