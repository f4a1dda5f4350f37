import { useQuery } from '@tanstack/react-query';
import { listHistory } from '@/api/editorial';
import { useSession } from '@/api/session';
import type { EntrySession } from '../session';
import { hasTwoSides } from './copyAcross';
import { findOutdated, type LocaleHistory } from './findOutdated';
import type { Side } from './side';

/** So many versions tell how old a value is; what is older than all of them counts as never written. */
const MAX_VERSIONS = 100;

const NOTHING: Side['outdated'] = { open: new Map(), beside: new Map() };

/** Which fields of two languages were written in the other one since. */
export function useOutdated(open: EntrySession, beside: EntrySession): Side['outdated'] {
  const { type, documentId } = open;
  const { locales } = useSession();
  const subject = { uid: type.uid, documentId: documentId ?? '' };
  const history = useQuery({
    queryKey: ['entry-history', 'beside', type.uid, documentId ?? '', beside.locale ?? '', open.locale ?? ''],
    // Without it (it may not be read by everybody) the texts stand side by side all the same.
    retry: false,
    queryFn: async ({ signal }): Promise<Side['outdated']> => {
      const load = async (of: string | undefined): Promise<LocaleHistory> => {
        const { entries, before } = await listHistory({ ...subject, locale: of }, undefined, signal, MAX_VERSIONS);
        return { entries, truncated: before !== null, isDefault: of === locales.default };
      };
      const [there, here] = await Promise.all([load(beside.locale), load(open.locale)]);
      const names = Object.keys(type.attributes).filter((name) => hasTwoSides(type.attributes[name]));
      return { open: findOutdated(names, there, here), beside: findOutdated(names, here, there) };
    },
  });
  return history.data ?? NOTHING;
}
