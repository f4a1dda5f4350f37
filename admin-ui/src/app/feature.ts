import type { ComponentType } from 'react';
import type { Icon } from '@/ui/icon';
import type { RequiredPermissions } from './permissions';
import type { Target } from './address';
import type { AppRoute } from './route';

/**
 * What a feature adds to the frame. Each feature has `src/features/<name>/register.ts`:
 *
 *     export function register(): Feature { return { name: 'media', routes: [...], navigation: [...] }; }
 *
 * The frame finds those files by itself (`src/app/features.ts`); nothing else has to be edited. `register.ts` is in the first
 * load of the application: it imports routes, icons, lazy pages and the widgets of the home page, never a page. What other features may
 * use of a feature is exported by its `index.ts`, which is another file.
 *
 * Every `label`, `title`, `description` is a text key with its namespace (`media:title`) in `src/i18n/<language>/<namespace>.json`.
 */
export interface Feature {
  /** The folder's name. */
  name: string;
  routes?: readonly AppRoute[];
  navigation?: readonly NavigationEntry[];
  settings?: readonly SettingsPage[];
  palette?: readonly PaletteEntry[];
  /** Palette entries that depend on what is known only once the palette is drawn, such as the model. A hook: the palette calls it. */
  usePaletteEntries?: () => readonly DrawnPaletteEntry[];
  /** Looks something up as one types in the palette. Results are text, never markup. */
  paletteSearch?: PaletteSearch;
  widgets?: readonly DashboardWidget[];
  /** Lines of the navigation that are known only once the server was asked, below all others. */
  moreNavigation?: ComponentType;
  /** The same of the home page: cards of its grid. */
  moreWidgets?: ComponentType;
  /** A button beside the title of the home page. */
  homeAction?: ComponentType;
  /** For the sheet behind `?`. The keys themselves are bound where they work, with `useShortcut`. */
  shortcuts?: readonly ShortcutHint[];
  /** Steps of the guide on an empty project. */
  firstSteps?: readonly FirstStep[];
}

/** A line of the navigation at the left. */
export interface NavigationEntry {
  id: string;
  label: string;
  icon: Icon;
  /** More words by which the palette finds it: a text key, words separated by spaces. */
  keywords?: string;
  /** The address, below `/admin`: `/media`. The entry is current there and below. */
  to: string;
  /** A route below it whose pages have lines of their own: the entry is not current there and below. */
  besides?: string;
  /** Home 0, Content 10, Media 20, Releases 30, Calendar 40, Inbox 50, Content types 60, Plugins 70, Settings 90. */
  order: number;
  needs?: RequiredPermissions;
  /** The key behind `g` that goes there (`c` for `g c`). */
  goTo?: string;
  /** How many wait there, for instance; drawn behind the label. Fetches for itself. */
  badge?: ComponentType;
  /** Lines of its own, below it. Its first button may lie over the end of the entry's line, to fold them. */
  below?: ComponentType;
}

/** A page of the settings. Its route is in `routes`, with the layout `settings`. */
export interface SettingsPage {
  id: string;
  label: string;
  /** What can be set there, in a line; the settings' search looks in it as well. */
  description: string;
  group: 'project' | 'people' | 'integrations' | 'publishing' | 'operations';
  to: string;
  order: number;
  icon?: Icon;
  needs?: RequiredPermissions;
  /** Whether the server has it; asked once somebody who may see it looks. Left out: always. */
  available?: () => Promise<boolean>;
}

/** What the palette can always do. Navigation entries and settings pages are there without being named again. */
interface PaletteEntry {
  id: string;
  label: string;
  /** More words by which it is found: a text key, words separated by spaces. */
  keywords?: string;
  icon?: Icon;
  needs?: RequiredPermissions;
  /** Where it goes … */
  target?: Target;
  /** … or what it does. */
  run?: () => void | Promise<void>;
  /** The shortcut that does the same, to be learned: `mod+S`. */
  shortcut?: string;
}

/** A palette entry that is made while the palette is drawn. */
export interface DrawnPaletteEntry extends Pick<PaletteEntry, 'id' | 'icon' | 'target' | 'run'> {
  /** Already text, as the keywords are. */
  title: string;
  keywords?: string;
  /** Whether it leads somewhere or does something. */
  group: 'screens' | 'actions';
  /** One of many of its kind, a content type for instance: shown once it is looked for, and only the best of them. */
  kind?: string;
}

/** Something found by a palette search. */
export interface PaletteHit {
  id: string;
  /** Already text in some language: a title, a file name. */
  title: string;
  /** What it is: the type's name, the folder. */
  detail?: string;
  icon?: Icon;
  target: Target;
}

/** A look-up of the palette. */
interface PaletteSearch {
  label: string;
  needs?: RequiredPermissions;
  find: (query: string, options: { signal: AbortSignal; limit: number }) => Promise<readonly PaletteHit[]>;
}

/** A card of the home page. */
interface DashboardWidget {
  id: string;
  title: string;
  order: number;
  /** Columns of three it takes on a wide screen. */
  span?: 1 | 2 | 3;
  needs?: RequiredPermissions;
  /**
   * Imported by `register.ts`, not lazy: a widget has a few lines, and loaded by itself each would be one more request before the page is
   * whole.
   */
  widget: ComponentType;
  /** A hook: whether the card has anything to show, `undefined` while that is not known. A card without is not drawn. */
  useHasContent?: () => boolean | undefined;
}

/** A line of the sheet behind `?`. */
interface ShortcutHint {
  /** As `useShortcut` takes them: `mod+S`, `j`, `g c`. */
  keys: string;
  label: string;
  /** Where it works: a text key. */
  where: string;
}

/** A step of the guide on an empty project. */
interface FirstStep {
  id: string;
  label: string;
  description: string;
  order: number;
  target: Target;
  needs?: RequiredPermissions;
  /** Whether it has been taken. */
  done: () => Promise<boolean>;
}
