import { IconPuzzle } from '@tabler/icons-react';
import type { Feature } from '@/app/feature';
import PluginNavigationLoader from './slots/PluginNavigationLoader';
import PluginWidgetsLoader from './slots/PluginWidgetsLoader';
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
    moreNavigation: PluginNavigationLoader,
    moreWidgets: PluginWidgetsLoader,
    paletteSearch: { label: 'plugins:palette', find: findPlugins },
  };
}
