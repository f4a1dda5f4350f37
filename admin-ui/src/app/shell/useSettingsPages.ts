import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { sortByOrder, filterPermitted } from '../compose';
import type { SettingsPage } from '../feature';
import { useFeatures } from '../useFeatures';
import { useAvailable } from '../useAvailable';

/** In which order they stand. */
export const GROUPS = ['project', 'people', 'publishing', 'integrations', 'operations'] as const;

/** The settings that somebody may see and this server has, and those of them that a word is in. */
export function useSettingsPages(): {
  pages: SettingsPage[];
  matching: (word: string) => SettingsPage[];
  t: TFunction<readonly ['frame', ...string[]]>;
} {
  const pages = useAvailable(
    sortByOrder(
      filterPermitted(
        useFeatures().flatMap((feature) => feature.settings ?? []),
        useSession().permissions,
      ),
    ),
  );
  const { t } = useTranslation(['frame', ...new Set(pages.map((page) => page.label.split(':')[0] ?? 'frame'))]);
  const fitting = (word: string): SettingsPage[] => {
    const needle = word.trim().toLocaleLowerCase();
    return pages.filter((page) => `${t(page.label)} ${t(page.description)}`.toLocaleLowerCase().includes(needle));
  };
  return { pages, matching: fitting, t };
}
