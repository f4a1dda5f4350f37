import { useQuery } from '@tanstack/react-query';
import { createContext, useMemo } from 'react';
import { readEntry } from '@/api/content';
import { listHistory } from '@/api/editorial';
import type { Attribute } from '@/api/model';
import { useSession } from '@/api/session';
import type { Values } from '@/fields/form/values';
import { fromServer } from '@/fields/form/wire';
import type { EntrySession } from '../session';
import { findOutdated, type LocaleHistory } from './findOutdated';

/** The locale that is shown beside the fields. */
export interface SideLocale {
  locale: string;
  values: Values;
  /** The attributes that were written there after they were translated here, and when. */
  newer: ReadonlyMap<string, number>;
  session: EntrySession;
}

export const SideLocaleContext = createContext<SideLocale | null>(null);

/** Whether each locale has it of its own. */
export function isLocalised(attribute: Attribute | undefined): boolean {
  return attribute?.pluginOptions?.i18n?.localized === true && attribute.type !== 'password';
}

/** So many versions tell how old a value is; what is older than all of them counts as never written. */
const MAX_VERSIONS = 100;

/** Reads the locale that is to be shown beside the fields. */
export function useSideLocale(
  session: EntrySession,
  locale: string | undefined,
): { beside: SideLocale | null; error: unknown; again: () => void } {
  const { type, model, documentId } = session;
  const { locales } = useSession();
  const enabled = locale !== undefined && locale !== session.locale && documentId !== undefined && type.localized;
  const subject = { uid: type.uid, documentId: documentId ?? '' };
  const read = useQuery({
    queryKey: ['entry-beside', type.uid, documentId ?? '', locale ?? ''],
    enabled,
    queryFn: async ({ signal }) =>
      fromServer(model, type.attributes, (await readEntry(type, documentId ?? '', { locale, signal })).entry).values,
  });
  const history = useQuery({
    queryKey: ['entry-history', 'beside', type.uid, documentId ?? '', locale ?? '', session.locale ?? ''],
    enabled,
    // Without it (it may not be read by everybody) the texts stand side by side all the same.
    retry: false,
    queryFn: async ({ signal }) => {
      const load = async (of: string | undefined): Promise<LocaleHistory> => {
        const { entries, before } = await listHistory({ ...subject, locale: of }, undefined, signal, MAX_VERSIONS);
        return { entries, truncated: before !== null, isDefault: of === locales.default };
      };
      const [other, here] = await Promise.all([load(locale), load(session.locale)]);
      const names = Object.keys(type.attributes).filter((name) => isLocalised(type.attributes[name]));
      return findOutdated(names, other, here);
    },
  });
  const beside = useMemo(
    () =>
      enabled && locale !== undefined && read.data
        ? { locale, values: read.data, newer: history.data ?? new Map<string, number>(), session }
        : null,
    [enabled, locale, read.data, history.data, session],
  );
  return { beside, error: enabled ? read.error : null, again: () => void read.refetch() };
}
