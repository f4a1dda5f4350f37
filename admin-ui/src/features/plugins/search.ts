import { pluginsQuery } from '@/api/plugins';
import { pluginViewsQuery } from '@/api/pluginViews';
import { sessionQuery } from '@/api/session';
import { queries } from '@/app/queries';
import type { PaletteHit } from '@/app/feature';
import { hasPermission } from '@/app/permissions';
import { pluginPageTarget, pluginAddress } from './addresses';

/** Plugins, and pages of theirs, whose names have the words. What cannot be asked for is not offered. */
export async function findPlugins(query: string, { limit }: { limit: number }): Promise<PaletteHit[]> {
  const permissions = queries.getQueryData(sessionQuery.queryKey)?.permissions;
  const [views, plugins] = await Promise.all([
    queries.fetchQuery(pluginViewsQuery).catch(() => []),
    hasPermission(permissions, ['plugins.read'])
      ? queries.fetchQuery({ ...pluginsQuery, retry: false }).catch(() => [])
      : [],
  ]);
  const queryWords = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const fits = (...texts: (string | null | undefined)[]): boolean => {
    const all = texts.filter(Boolean).join(' ').toLocaleLowerCase();
    return queryWords.every((word) => all.includes(word));
  };
  const nameOf = (id: string): string =>
    views.find((view) => view.plugin === id)?.pluginName ?? plugins.find((plugin) => plugin.id === id)?.name ?? id;
  const pages = views.flatMap((view): PaletteHit[] =>
    view.kind === 'page' && view.path !== null && fits(view.title, view.plugin, nameOf(view.plugin))
      ? [
          {
            id: `page ${view.plugin} ${view.name}`,
            title: view.title,
            detail: nameOf(view.plugin),
            target: pluginPageTarget(view.plugin, view.path),
          },
        ]
      : [],
  );
  const installed = plugins.flatMap((plugin): PaletteHit[] =>
    plugin.state !== 'removed' && fits(plugin.name, plugin.id)
      ? [
          {
            id: `plugin ${plugin.id}`,
            title: plugin.name,
            detail: plugin.version,
            target: pluginAddress.to({ plugin: plugin.id }),
          },
        ]
      : [],
  );
  return [...pages, ...installed].slice(0, limit);
}
