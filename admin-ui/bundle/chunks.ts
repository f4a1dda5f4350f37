import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Graph {
  getModuleInfo: (id: string) => { importedIds: readonly string[]; code?: string | null } | null;
}

type Name = (id: string, graph: Graph) => string | null;

interface Needs {
  /** Our own modules. */
  modules: Set<string>;
  /** What these name of libraries with a file for each: components, hooks, icons. */
  components: Set<string>;
}

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));

const COMPONENTS = /import\s*\{([^}]*)\}\s*from\s*["'](?:@mantine\/(?:core|hooks)|@tabler\/icons-react)["']/g;

const REEXPORT = /export\s*\{([^}]*)\}\s*from\s*["']\.\/([^"']+)["']/g;

/** What a module uses of an `index.ts`: of what that only passes on, what the module names. */
function usedOf(index: string, source: string, graph: Graph): string[] {
  const { importedIds = [], code } = graph.getModuleInfo(index) ?? {};
  const names = new Set(source.match(/\w+/g));
  const unused = new Set(
    [...(code ?? '').matchAll(REEXPORT)]
      .filter(([, passed = '']) => !passed.match(/\w+/g)?.some((name) => names.has(name)))
      .map(([, , path = '']) => path),
  );
  const folder = index.slice(0, -'index.ts'.length);
  return importedIds.filter((id) => !unused.has(id.replace(folder, '').replace(/\.tsx?$/, '')));
}

/** All that one of our own modules cannot do without, itself included. */
function findNeeds(root: string, graph: Graph): Needs {
  const needs: Needs = { modules: new Set(), components: new Set() };
  const walk = (id: string): void => {
    if (needs.modules.has(id) || !id.startsWith(SOURCES)) return;
    needs.modules.add(id);
    const { importedIds = [], code } = graph.getModuleInfo(id) ?? {};
    const source = code ?? '';
    for (const [, names = ''] of source.matchAll(COMPONENTS)) {
      for (const name of names.matchAll(/\w+/g)) needs.components.add(name[0]);
    }
    for (const next of importedIds) {
      for (const used of next.endsWith('/index.ts') ? usedOf(next, source, graph) : [next]) walk(used);
    }
  };
  walk(SOURCES + root);
  return needs;
}

/** `use-disclosure` exports `useDisclosure`. */
function inCamelCase(file: string): string {
  return file.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Names for what a page needs, so that it waits for nothing that only others need. */
class Page {
  private found: Needs | undefined;

  constructor(private readonly root: string) {}

  /** Whether the page needs one of our own modules. */
  has(id: string, graph: Graph): boolean {
    return this.needs(graph).modules.has(id);
  }

  own(name: string): Name {
    return (id, graph) => (this.has(id, graph) ? name : null);
  }

  /** Its components, hooks and icons of libraries. */
  components(name: string): Name {
    return (id, graph) => (this.needs(graph).components.has(inCamelCase(basename(id, '.mjs'))) ? name : null);
  }

  private needs(graph: Graph): Needs {
    return (this.found ??= findNeeds(this.root, graph));
  }
}

/** The pages that come most often after the first. */
const list = new Page('features/content-manager/list/ListPage.tsx');
const entry = new Page('features/content-manager/edit/DocumentPage.tsx');
/** The page of who is not signed in yet. */
const signIn = new Page('features/sign-in/SignInPage.tsx');
/** The editor that most entries have. */
const blocks = new Page('fields/blocks/Editor.tsx');

/** What both pages need. */
function both(name: string): Name {
  return (id, graph) => (list.has(id, graph) && entry.has(id, graph) ? name : null);
}

/**
 * Which modules share a file. Left alone, each module that two pages share becomes a file: a hundred requests for the first page. A group takes along what
 * its modules need and no group before it has; so they go from what everybody needs to what few do.
 */
export const groups = [
  { name: 'react', test: /node_modules\/(react|react-dom|scheduler|i18next|react-i18next)\// },
  {
    name: 'data',
    test: /node_modules\/@tanstack\/(react-router|router-core|history|react-query|query-core|react-store|store)\//,
  },
  // The first page, its libraries apart: they change less often than what is ours.
  { name: 'kit', test: /node_modules\/(?!@tabler)/, tags: ['$initial' as const] },
  { name: 'shell', tags: ['$initial' as const] },
  {
    name: signIn.components('access'),
    debugName: 'access',
    test: /node_modules\/@(mantine|tabler)\//,
    minShareCount: 2,
  },
  { name: 'rows', test: /node_modules\/@tanstack\// },
  { name: 'drag', test: /node_modules\/@atlaskit\// },
  { name: list.components('parts'), debugName: 'parts', test: /node_modules\/@mantine\//, minShareCount: 2 },
  { name: list.components('icons'), debugName: 'icons', test: /node_modules\/@tabler\//, minShareCount: 2 },
  { name: entry.components('inputs'), debugName: 'inputs', test: /node_modules\/@mantine\//, minShareCount: 2 },
  { name: entry.components('signs'), debugName: 'signs', test: /node_modules\/@tabler\//, minShareCount: 2 },
  { name: 'dialogs', test: /@mantine\/core\/esm\/components\/(Modal|ModalBase|Drawer)\// },
  { name: 'controls', test: /node_modules\/@mantine\//, minShareCount: 3 },
  { name: 'pictures', test: /node_modules\/@tabler\//, minShareCount: 2 },
  { name: signIn.own('visitor'), debugName: 'visitor', test: /src\/(api|app|ui)\//, minShareCount: 2 },
  { name: both('common'), debugName: 'common', test: /src\/(api|app|ui)\//, minShareCount: 2 },
  { name: both('reading'), debugName: 'reading', test: /src\/(fields|views)\//, minShareCount: 2 },
  { name: both('content'), debugName: 'content', test: /src\/features\//, minShareCount: 2 },
  { name: list.own('list'), debugName: 'list', test: /src\//, minShareCount: 2 },
  { name: entry.own('base'), debugName: 'base', test: /src\/(api|app|ui)\//, minShareCount: 2 },
  { name: 'fields', test: /src\/fields\/registry/ },
  { name: entry.own('form'), debugName: 'form', test: /src\/(fields|views)\//, minShareCount: 2 },
  { name: entry.own('edit'), debugName: 'edit', test: /src\/features\/(?!plugins\/)/, minShareCount: 2 },
  // What others use of plugins, apart from what draws their views.
  { name: entry.own('slots'), debugName: 'slots', test: /src\/features\/plugins\//, minShareCount: 2 },
  { name: 'live', test: /src\/features\/plugins\/view\/(useLiveTypes|icons)/ },
  { name: blocks.own('blocks'), debugName: 'blocks', test: /src\//, minShareCount: 2 },
  { name: 'more', test: /src\/(api|app|ui)\//, minShareCount: 2 },
  // What the pages of a feature share.
  {
    name: (id: string) => /src\/features\/([\w-]+)\//.exec(id)?.[1] ?? null,
    debugName: 'features',
    test: /src\/features\/(?!plugins\/)/,
    minShareCount: 2,
  },
  // What both editors of text need when somebody pastes; neither waits for it.
  { name: 'pasting', test: /src\/fields\/paste\/(useTextImages|imageQueue|images|notice)/, minShareCount: 2 },
  // Plugins draw with the generic views: before these, they would take along what the editor needs of them.
  { name: 'views', test: /src\/(?!i18n|features\/plugins\/)/, minShareCount: 2 },
  { name: 'plugins', test: /src\/features\/plugins\//, minShareCount: 2 },
].map((group, at, all) => ({ ...group, priority: all.length - at }));
