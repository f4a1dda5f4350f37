import type { Target } from '@/app/address';
import type { Icon } from '@/ui/icon';

/** A line of the palette. */
export interface PaletteItem {
  id: string;
  /** The heading it stands under. */
  group: string;
  title: string;
  detail?: string;
  keywords?: string;
  icon?: Icon;
  shortcut?: string;
  /** Where it goes: an address of the router, or one as it stands in the address bar. */
  target?: Target | string;
  run?: () => void | Promise<void>;
  /** One of many of its kind: shown once it is looked for, and only the best of them. */
  kind?: string;
  /** The server found it for words that have been typed past since. */
  outdated?: boolean;
}
