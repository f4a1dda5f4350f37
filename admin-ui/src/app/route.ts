import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import type { RequiredPermissions } from './permissions';

/** Where a page is drawn: inside the navigation, inside the settings (which are inside the navigation), or by itself and without a session. */
export type Layout = 'app' | 'settings' | 'public';

/** The names behind `$` in a path: `Params<'/content/$uid/$documentId'>` is `{uid: string; documentId: string}`. */
type Params<Path extends string> = Path extends `${string}$${infer Name}/${infer Rest}`
  ? { [Key in Name | keyof Params<`/${Rest}`>]: string }
  : Path extends `${string}$${infer Name}`
    ? { [Key in Name]: string }
    : Record<never, string>;

/** A page and its address. */
export interface RouteSpec<Path extends string, Search extends object> {
  /** Below `/admin`, with `$name` for what varies: `/content/$uid`. */
  path: Path;
  layout: Layout;
  /** The document's title until the page sets its own (`PageTitle`): a text key with its namespace, `media:title`. */
  title: string;
  /** Who may open it; the others are told which right they lack. */
  needs?: RequiredPermissions;
  /** Reads the address's search parameters, which anyone can type: drops what it does not know, fills in defaults, never throws. */
  search?: (raw: Record<string, unknown>) => Search;
  /** Namespaces of texts that the page needs besides that of its title. They come with the page; what is asked for later makes it wait again. */
  texts?: readonly string[];
  /** The page's own chunk: `() => import('./ListPage')`, which has it as default export. */
  page: () => Promise<{ default: ComponentType }>;
}

/** What `Link` and `navigate` take to go to a route. */
export interface Target {
  to: string;
  params: Record<string, string>;
  search: Record<string, unknown>;
}

/** A route's specification, and the hooks by which its page reads the address, typed by the specification. */
export interface AppRoute<Path extends string = string, Search extends object = object>
  extends RouteSpec<Path, Search> {
  /** The names in the path of the page that is open. */
  useParams: () => Params<Path>;
  /** The search parameters of the page that is open, as `search` read them. */
  useSearch: () => Search;
  /** Changes search parameters in place; `replace` (the default) leaves no step for the back button. */
  useSetSearch: () => (change: Partial<Search>, options?: { replace?: boolean }) => void;
  /** For `<Link {...listRoute.to({uid})}>` and `navigate(listRoute.to({uid}, {page: 2}))`. */
  to: (params: Params<Path>, search?: Partial<Search>) => Target;
}

/**
 * Makes a route. Keep it in a file of its own that imports no page (`routes.ts`), so that pages and other features can
 * link to it without loading it.
 */
export function defineRoute<const Path extends string, Search extends object = Record<string, never>>(
  spec: RouteSpec<Path, Search>,
): AppRoute<Path, Search> {
  return {
    ...spec,
    // The list of routes is composed at run time, so the router cannot know these types; the specification does.
    useParams: () => useParams({ strict: false }) as Params<Path>,
    useSearch: () => useSearch({ strict: false }) as Search,
    useSetSearch: () => {
      const navigate = useNavigate();
      return (change, options) => {
        void navigate({
          to: '.',
          search: (old: Record<string, unknown>) => ({ ...old, ...change }),
          replace: options?.replace ?? true,
          // In place: who opened a panel far down stays there.
          resetScroll: false,
        });
      };
    },
    to: (params, search) => ({ to: spec.path, params, search: { ...search } }),
  };
}
