import { fileURLToPath } from 'node:url';

interface Graph {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null;
}

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));

/** All of our own modules that one cannot do without, itself among them. */
function neededBy(root: string, graph: Graph): Set<string> {
  const needed = new Set<string>();
  const walk = (id: string): void => {
    if (needed.has(id) || !id.startsWith(SOURCES)) return;
    needed.add(id);
    for (const next of graph.getModuleInfo(id)?.importedIds ?? []) walk(next);
  };
  walk(SOURCES + root);
  return needed;
}

let listModules: Set<string> | undefined;

/** A name for what a list of entries needs: it is the page after the first, and waits for nothing that only others need. */
function forTheList(name: string): (id: string, graph: Graph) => string | null {
  return (id, graph) => {
    listModules ??= neededBy('features/content-manager/list/ListPage.tsx', graph);
    return listModules.has(id) ? name : null;
  };
}

/** What of Mantine a list of entries is drawn with, beyond the shell. What is missing here comes with `inputs`, which is heavier than all of it; `weight.ts` tells. */
const PARTS =
  /@mantine\/(core\/esm\/components\/(Combobox|Tooltip|Checkbox|Select|SegmentedControl|FloatingIndicator|Spoiler)\/|core\/esm\/(core|utils)\/|hooks\/esm\/(use-resize-observer|use-shallow-effect|use-timeout|use-mutation-observer|use-debounced-value|use-debounced-callback|utils)\/)/;

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
  { name: 'parts', test: PARTS, minShareCount: 2 },
  { name: 'drag', test: /node_modules\/@atlaskit\// },
  { name: 'icons', test: /node_modules\/@tabler\//, minShareCount: 2 },
  { name: 'inputs', test: /node_modules\/@mantine\//, minShareCount: 4 },
  { name: forTheList('common'), debugName: 'common', test: /src\/(api|app|ui)\//, minShareCount: 2 },
  { name: forTheList('reading'), debugName: 'reading', test: /src\/(fields|views)\//, minShareCount: 2 },
  { name: forTheList('list'), debugName: 'list', test: /src\/features\//, minShareCount: 2 },
  { name: 'fields', test: /src\/fields\/registry/ },
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
