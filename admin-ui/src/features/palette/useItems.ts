import { useQueries } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { sortByOrder, filterPermitted } from '@/app/compose';
import { useFeatures } from '@/app/useFeatures';
import { hasPermission } from '@/app/permissions';
import { useAvailable } from '@/app/useAvailable';
import type { DrawnPaletteEntry, Feature } from '@/app/feature';
import type { PaletteItem } from './items';
import { alikeScore, matchScore } from './match';
import { MAX_RESULTS, rankItems } from './rank';
import { placeOf, recentVisits } from './recent';

interface Items {
  items: PaletteItem[];
  /** A look-up has not answered yet. */
  searching: boolean;
  /** A look-up failed: what is shown is not all. */
  failed: boolean;
}

/** What fits the words: what is always there at once, what the server finds after it. `looked` are the words to look up, later than typed. */
export function useItems(query: string, looked: string): Items {
  const features = useFeatures();
  const { permissions, me } = useSession();
  // As it was when the palette opened: a line more would move the others away under the keys.
  const [visits] = useState(() => recentVisits(me.id));
  const labels = features.flatMap((feature) => [
    ...(feature.navigation ?? []).flatMap((entry) => [entry.label, entry.keywords ?? entry.label]),
    ...(feature.settings ?? []).map((page) => page.label),
    ...(feature.palette ?? []).flatMap((entry) => [entry.label, entry.keywords ?? entry.label]),
    ...(feature.paletteSearch ? [feature.paletteSearch.label] : []),
  ]);
  const { t } = useTranslation(['frame', ...new Set(labels.map((label) => label.split(':')[0] ?? 'frame'))]);

  const pages = useAvailable(
    sortByOrder(
      filterPermitted(
        features.flatMap((feature) => feature.settings ?? []),
        permissions,
      ),
    ),
  );

  const fixed = useMemo<PaletteItem[]>(() => {
    const bare = { params: {}, search: {} };
    const screens = sortByOrder(
      filterPermitted(
        features.flatMap((feature) => feature.navigation ?? []),
        permissions,
      ),
    ).map((entry) => ({
      id: `screen ${entry.id}`,
      group: t('frame:palette.screens'),
      title: t(entry.label),
      keywords: entry.keywords && t(entry.keywords),
      icon: entry.icon,
      shortcut: entry.goTo && `g ${entry.goTo}`,
      target: { to: entry.to, ...bare },
    }));
    const settings = pages.map((page) => ({
      id: `setting ${page.id}`,
      group: t('frame:palette.settings'),
      title: t(page.label),
      keywords: t(page.description),
      icon: page.icon,
      target: { to: page.to, ...bare },
    }));
    const actions = filterPermitted(
      features.flatMap((feature) => feature.palette ?? []),
      permissions,
    ).map((entry) => ({
      id: `action ${entry.id}`,
      group: t('frame:palette.actions'),
      title: t(entry.label),
      keywords: entry.keywords && t(entry.keywords),
      icon: entry.icon,
      shortcut: entry.shortcut,
      target: entry.target,
      run: entry.run,
    }));
    return [...screens, ...actions, ...settings];
  }, [features, pages, permissions, t]);
  const drawn = useDrawnEntries(features).map(
    (entry): PaletteItem => ({
      ...entry,
      id: `drawn ${entry.id}`,
      group: t(entry.group === 'screens' ? 'frame:palette.screens' : 'frame:palette.actions'),
    }),
  );

  const searches = features.flatMap(({ name, paletteSearch }) =>
    paletteSearch && hasPermission(permissions, paletteSearch.needs) ? [{ name, ...paletteSearch }] : [],
  );
  const needle = looked.trim();
  const answers = useQueries({
    queries: searches.map((search) => ({
      queryKey: ['palette', search.name, needle],
      queryFn: ({ signal }: { signal: AbortSignal }) => search.find(needle, { signal, limit: MAX_RESULTS }),
      enabled: needle.length > 1,
      staleTime: 10_000,
      retry: false,
    })),
  });

  const typed = query.trim();
  const searching =
    typed !== '' && (needle !== typed || answers.some((answer) => answer.isFetching)) && searches.length > 0;
  const local = [...fixed, ...drawn];
  const screens = local.filter(({ group }) => group !== t('frame:palette.actions'));
  const known = typed
    ? rankItems(typed, local, matchScore)
    : [
        ...visits.map((visit) => ({
          id: `recent ${visit.href}`,
          group: t('frame:palette.recent'),
          title: visit.title,
          target: visit.href,
          ...placeOf(visit, screens),
        })),
        ...local.filter(({ kind }) => kind === undefined),
      ];
  const found = typed
    ? answers.flatMap(({ data = [] }, index) => {
        const search = searches[index];
        return search
          ? data.map((hit) => ({
              ...hit,
              id: `${search.name} ${hit.id}`,
              group: t(search.label),
              outdated: needle !== typed,
            }))
          : [];
      })
    : [];
  // A slip of the finger is forgiven where nothing has the words as they stand; below what was found, or Enter would open something else.
  const alike = typed && known.length === 0 && !searching ? rankItems(typed, local, alikeScore) : [];
  return {
    // Headings stay together: what fits best decides only within one of them.
    items: groupItems([...known, ...found, ...alike]),
    searching,
    failed: typed !== '' && answers.some((answer) => answer.isError),
  };
}

/** The entries of all features that depend on what is known while the palette is drawn. */
function useDrawnEntries(features: readonly Feature[]): DrawnPaletteEntry[] {
  // The features of an application stay the same: each drawing calls the same hooks in the same order.
  return features.flatMap((feature) => feature.usePaletteEntries?.() ?? []);
}

function groupItems(items: PaletteItem[]): PaletteItem[] {
  const groups = [...new Set(items.map((item) => item.group))];
  return groups.flatMap((group) => items.filter((item) => item.group === group));
}
