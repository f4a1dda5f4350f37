import type { ComponentType } from 'react';
import type { RequiredPermissions } from './permissions';

/** Where a page is drawn: inside the navigation, inside the settings (which are inside the navigation), or by itself and without a session. */
export type Layout = 'app' | 'settings' | 'public';

/** A page, and how it is drawn at its address. */
interface PageSpec {
  layout: Layout;
  /** The document's title until the page sets its own (`PageTitle`): a text key with its namespace, `media:title`. */
  title: string;
  /** Who may open it; the others are told which right they lack. */
  needs?: RequiredPermissions;
  /** Namespaces of texts that the page needs besides that of its title. They come with the page; what is asked for later makes it wait again. */
  texts?: readonly string[];
  /** The page's own chunk: `() => import('./ListPage')`, which has it as default export. */
  page: () => Promise<{ default: ComponentType }>;
}

/** The part of an address by which the router finds the page. */
interface RoutedAddress {
  path: string;
  search?: (raw: Record<string, unknown>) => object;
}

/** A page at its address, as the router takes it. */
export interface AppRoute extends RoutedAddress, PageSpec {}

/**
 * Binds a page to its address. Keep it in `routes.ts`, which only the feature's `register.ts` imports: pages and other features link by
 * the addresses in `addresses.ts`, or the page and its route would import one another.
 */
export function defineRoute({ path, search }: RoutedAddress, page: PageSpec): AppRoute {
  return { path, search, ...page };
}
