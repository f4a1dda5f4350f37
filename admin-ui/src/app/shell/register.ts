import { IconSettings } from '@tabler/icons-react';
import type { Feature } from '../feature';
import { settingsRoute } from './routes';
import { useAccountEntries } from './useAccountEntries';

/** The frame's own: the way to the settings, which the features fill. */
export function register(): Feature {
  return {
    name: 'shell',
    routes: [settingsRoute],
    navigation: [
      { id: 'settings', label: 'frame:settings.title', icon: IconSettings, to: '/settings', order: 90, goTo: 's' },
    ],
    usePaletteEntries: useAccountEntries,
    shortcuts: [
      { keys: 'mod+K', label: 'frame:shortcuts.palette', where: 'frame:shortcuts.everywhere' },
      { keys: '?', label: 'frame:shortcuts.sheet', where: 'frame:shortcuts.everywhere' },
    ],
  };
}
