import { usePreference } from '@/api/preferences';
import type { PluginPages } from './useViews';

/** Pages of plugins that a screen has room for below the rest of the navigation. */
const MAX_UNFOLDED_PAGES = 8;

/** More would push other preferences out of their room on the server; nobody has so many plugins. */
const MAX_CHOICES = 50;

/** What somebody has chosen, by plugin: whether its pages are unfolded. */
type FoldChoices = Readonly<Record<string, boolean>>;

function readChoices(stored: unknown): FoldChoices {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return {};
  const entries = Object.entries(stored).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean');
  return Object.fromEntries(entries.slice(-MAX_CHOICES));
}

/** Which plugins' pages somebody has folded or unfolded in the navigation, and the way to do that. */
export function useUnfoldedPlugins(): [FoldChoices, (plugin: string, unfolded: boolean) => void] {
  const [choices, setChoices] = usePreference('navigation.unfoldedPlugins', readChoices);
  return [choices, (plugin, unfolded) => setChoices(readChoices({ ...choices, [plugin]: unfolded }))];
}

/**
 * The plugins whose pages are folded: those that somebody has folded, and, where all pages together are too many for a screen, those that nobody has
 * unfolded and that are not open.
 */
export function listFolded(
  groups: readonly Pick<PluginPages, 'plugin' | 'pages'>[],
  current: string | undefined,
  choices: FoldChoices,
): ReadonlySet<string> {
  const pages = groups.reduce((sum, group) => sum + group.pages.length, 0);
  const isCrowded = groups.length > 1 && pages > MAX_UNFOLDED_PAGES;
  const isUnfolded = (plugin: string): boolean =>
    Object.hasOwn(choices, plugin) ? choices[plugin] === true : !isCrowded || plugin === current;
  return new Set(groups.map(({ plugin }) => plugin).filter((plugin) => !isUnfolded(plugin)));
}
