import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { titleFields } from '@/views/fieldPath';
import { EntryTrail } from './EntryTrail';
import type { EntrySearch } from './addresses';
import type { EntrySession } from './session';

interface Props {
  session: EntrySession;
  search: EntrySearch;
  hasPage: boolean;
  focusField: string | undefined;
}

/** The heading of an entry: by itself, so that typing the title draws the title again and not the page. Where a plugin has a page for it, a bar above both leads back. */
export function EntryTitle({ session, search, hasPage, focusField }: Props) {
  const { t } = useTranslation('editor');
  const { type, documentId } = session;
  const ownTitle = useTitle(session);
  // Of a single type there is one: it is what its type is called.
  const title =
    type.kind === 'singleType' ? type.info.displayName : ownTitle || t('untitled', { type: type.info.displayName });
  // The heading is read aloud by taking the focus, which a field has here.
  const heard = useRef(false);
  useEffect(() => {
    if (focusField !== undefined && !heard.current) announce(title);
    heard.current = true;
  }, [focusField, title]);
  return (
    <>
      {type.kind === 'collectionType' && !hasPage && (
        <EntryTrail type={type} documentId={documentId} title={title} search={search} />
      )}
      <PageTitle title={title} focusField={focusField} />
    </>
  );
}

/** The value of the attribute that the type is titled by, as it is typed. */
function useTitle(session: EntrySession): string {
  const { store, type } = session;
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = titleFields(type).map((name) => store.subscribe(name, listener));
      return () => stops.forEach((stop) => stop());
    },
    [store, type],
  );
  return useSyncExternalStore(subscribe, () => {
    const value = titleFields(type)
      .map((name) => store.get(name))
      .find((each) => (typeof each === 'string' && each.trim() !== '') || typeof each === 'number');
    return value === undefined ? '' : String(value);
  });
}
