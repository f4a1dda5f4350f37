import { useQuery } from '@tanstack/react-query';
import { type PluginView, pluginViewsQuery } from '@/api/pluginViews';

/** What running plugins show to whoever is signed in; nothing where this server has no plugins, or while it is asked for. */
export function usePluginViews(): readonly PluginView[] {
  return useQuery(pluginViewsQuery).data ?? NO_VIEWS;
}

const NO_VIEWS: readonly PluginView[] = [];

/** The pages of a plugin. */
export interface PluginPages {
  plugin: string;
  name: string;
  pages: (PluginView & { path: string })[];
}

/** Pages by their plugins, each in the order of its manifest. */
export function pagesByPlugin(views: readonly PluginView[]): PluginPages[] {
  const plugins = new Map<string, PluginPages>();
  for (const view of views) {
    if (view.kind !== 'page' || view.path === null) continue;
    const group = plugins.get(view.plugin) ?? { plugin: view.plugin, name: view.pluginName ?? view.plugin, pages: [] };
    group.pages.push({ ...view, path: view.path });
    plugins.set(view.plugin, group);
  }
  return [...plugins.values()].toSorted((a, b) => a.name.localeCompare(b.name));
}

/** The page that a plugin has for documents of a type. */
export function documentViewOf(views: readonly PluginView[] | undefined, uid: string): PluginView | undefined {
  return views?.find(({ kind, types }) => kind === 'document' && types.includes(uid));
}

/** Whether a view is for a content type; one that names none is for all. */
export function isFor(view: PluginView, kind: PluginView['kind'], uid: string): boolean {
  return view.kind === kind && (view.types.length === 0 || view.types.includes(uid));
}
