import { useQuery } from '@tanstack/react-query';
import { createContext, useMemo } from 'react';
import { readEntry } from '@/api/content';
import { listHistory } from '@/api/editorial';
import type { Attribute } from '@/api/model';
import type { Values } from '@/fields/form/values';
import { fromServer } from '@/fields/form/wire';
import type { EntrySession } from '../session';
import { outOfDate } from './outOfDate';

/** The locale that is shown beside the fields. */
export interface Beside {
  locale: string;
  values: Values;
  /** The attributes that were written there after they were written here, and when. */
  newer: ReadonlyMap<string, number>;
  session: EntrySession;
}

export const BesideContext = createContext<Beside | null>(null);

/** Whether each locale has it of its own. */
export function isLocalised(attribute: Attribute | undefined): boolean {
  return attribute?.pluginOptions?.i18n?.localized === true && attribute.type !== 'password';
}

/** So many versions tell how old a value is; what is older than all of them counts as never written. */
const versions = 100;

/** Reads the locale that is to be shown beside the fields. */
export function useBeside(
  session: EntrySession,
  locale: string | undefined,
): { beside: Beside | null; error: unknown; again: () => void } {
  const { type, model, documentId } = session;
  const wanted = locale !== undefined && locale !== session.locale && documentId !== undefined && type.localized;
  const subject = { uid: type.uid, documentId: documentId ?? '' };
  const read = useQuery({
    queryKey: ['entry-beside', type.uid, documentId ?? '', locale ?? ''],
    enabled: wanted,
    queryFn: async ({ signal }) =>
      fromServer(model, type.attributes, (await readEntry(type, documentId ?? '', { locale, signal })).entry).values,
  });
  const history = useQuery({
    queryKey: ['entry-history', 'beside', type.uid, documentId ?? '', locale ?? '', session.locale ?? ''],
    enabled: wanted,
    // Without it (it may not be read by everybody) the texts stand side by side all the same.
    retry: false,
    queryFn: async ({ signal }) => {
      const [source, here] = await Promise.all([
        listHistory({ ...subject, locale }, undefined, signal, versions),
        listHistory({ ...subject, locale: session.locale }, undefined, signal, versions),
      ]);
      const names = Object.keys(type.attributes).filter((name) => isLocalised(type.attributes[name]));
      return outOfDate(names, source.entries, here.entries);
    },
  });
  const beside = useMemo(
    () =>
      wanted && locale !== undefined && read.data
        ? { locale, values: read.data, newer: history.data ?? new Map<string, number>(), session }
        : null,
    [wanted, locale, read.data, history.data, session],
  );
  return { beside, error: wanted ? read.error : null, again: () => void read.refetch() };
}
