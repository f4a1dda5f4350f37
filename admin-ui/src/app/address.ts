import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

/** The names behind `$` in a path: `Params<'/content/$uid/$documentId'>` is `{uid: string; documentId: string}`. */
type Params<Path extends string> = Path extends `${string}$${infer Name}/${infer Rest}`
  ? { [Key in Name | keyof Params<`/${Rest}`>]: string }
  : Path extends `${string}$${infer Name}`
    ? { [Key in Name]: string }
    : Record<never, string>;

/** Arguments of `Link` and `navigate` that lead to an address. */
export interface Target {
  to: string;
  params: Record<string, string>;
  search: Record<string, unknown>;
}

/** The parts of an address: its path and its search parameters. */
interface AddressSpec<Path extends string, Search extends object> {
  /** Below `/admin`, with `$name` for what varies: `/content/$uid`. */
  path: Path;
  /** Reads the address's search parameters, which anyone can type: drops what it does not know, fills in defaults, never throws. */
  search?: (raw: Record<string, unknown>) => Search;
}

/** An address of a page, the hooks by which the page reads it, and the way for others to link to it, all typed by its path and search parameters. */
interface Address<Path extends string, Search extends object> extends AddressSpec<Path, Search> {
  /** The names in the path of the page that is open. */
  useParams: () => Params<Path>;
  /** The search parameters of the page that is open, as `search` read them. */
  useSearch: () => Search;
  /** Changes search parameters in place; `replace` (the default) leaves no step for the back button. */
  useSetSearch: () => (change: Partial<Search>, options?: { replace?: boolean }) => void;
  /** For `<Link {...listAddress.to({uid})}>` and `navigate(listAddress.to({uid}, {page: 2}))`. */
  to: (params: Params<Path>, search?: Partial<Search>) => Target;
}

/**
 * Makes the address of a page. Keep it in a file that imports no page and no component (`addresses.ts`), so that pages and other
 * features can link to it without loading it; `routes.ts` binds the page to it.
 */
export function defineAddress<const Path extends string, Search extends object = Record<string, never>>(
  spec: AddressSpec<Path, Search>,
): Address<Path, Search> {
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
