import { IconPuzzle } from '@tabler/icons-react';
import type { Feature } from '@/ui/feature';
import { pluginsRoute } from './routes';

/** Plugins: which there are, and what they are. */
export function register(): Feature {
  return {
    name: 'plugins',
    routes: [pluginsRoute],
    navigation: [{ id: 'plugins', label: 'plugins:title', icon: IconPuzzle, to: pluginsRoute.path, order: 70, needs: pluginsRoute.needs }],
  };
}
