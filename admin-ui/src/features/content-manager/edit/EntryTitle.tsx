import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { setDocumentTitle } from '@/ui/documentTitle';
import { headingFocus } from '@/ui/headingFocus';
import { announce } from '@/ui/live';
import { titleFields } from '@/views/fieldPath';
import classes from './Edit.module.css';
import { EntryTrail } from './EntryTrail';
import type { EntrySearch } from './addresses';
import type { EntrySession } from './session';

/** The heading of an entry: by itself, so that typing the title draws the title again and not the page. In the bar it has one line; whoever points at it reads the rest. */
export function EntryTitle({ session, focusField }: { session: EntrySession; focusField: string | undefined }) {
  const title = useTitle(session);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => setDocumentTitle(title), [title]);
  useEffect(() => headingFocus.offer(heading.current), []);
  // The heading is read aloud by taking the focus, which a field has here.
  const heard = useRef(false);
  useEffect(() => {
    if (focusField !== undefined && !heard.current) announce(title);
    heard.current = true;
  }, [focusField, title]);
  return (
    <h1 ref={heading} tabIndex={-1} className={classes.title} title={title} data-page-title={focusField ?? ''}>
      {title}
    </h1>
  );
}

/** The way to the list that the entry is in. Where a plugin has a page for it, a bar above both leads back. */
export function EntryPlace({ session, search }: { session: EntrySession; search: EntrySearch }) {
  return <EntryTrail type={session.type} documentId={session.documentId} title={useTitle(session)} search={search} />;
}

/** What the entry is called, as it is typed. Of a single type there is one: it is what its type is called. */
function useTitle(session: EntrySession): string {
  const { t } = useTranslation('editor');
  const { store, type } = session;
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = titleFields(type).map((name) => store.subscribe(name, listener));
      return () => stops.forEach((stop) => stop());
    },
    [store, type],
  );
  const own = useSyncExternalStore(subscribe, () => {
    const value = titleFields(type)
      .map((name) => store.get(name))
      .find((each) => (typeof each === 'string' && each.trim() !== '') || typeof each === 'number');
    return value === undefined ? '' : String(value);
  });
  const { displayName } = type.info;
  return type.kind === 'singleType' ? displayName : own || t('untitled', { type: displayName });
}
