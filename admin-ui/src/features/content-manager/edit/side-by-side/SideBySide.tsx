import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { glossaryQuery } from '@/api/glossary';
import { useSession } from '@/api/session';
import { translationServiceQuery } from '@/api/translations';
import { useShortcut } from '@/app/shortcuts';
import { emptyValue } from '@/fields/form/emptyItem';
import { goToField } from '@/fields/form/reveal';
import { isShared } from '@/fields/form/shared';
import { splitPath, type Values } from '@/fields/form/values';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { languageName } from '@/ui/format';
import { announce } from '@/ui/live';
import { entryAddress } from '../addresses';
import { EntryDialogs } from '../EntryDialogs';
import { ErrorSummary } from '../ErrorSummary';
import { copyKey, type LocalCopy, readCopy } from '../localCopy';
import { readIfFound } from '../readIfFound';
import RecoverNote from '../RecoverNote';
import { EntrySession } from '../session';
import { registerSession } from '../sessions';
import { useEntryActions } from '../useEntryActions';
import { usePresence } from '../usePresence';
import { useSaving } from '../useSaving';
import { hasTwoSides } from './copyAcross';
import { keepInStep } from './keepInStep';
import { moveAcross } from './moveAcross';
import { PublishItems } from './PublishItems';
import { type Side, SIDE_FORM } from './side';
import { SideBar } from './SideBar';
import { SideField } from './SideField';
import { SidesState } from './SidesState';
import { useOutdated } from './useOutdated';

interface SideBySideProps {
  /** The language that is open. */
  open: EntrySession;
  /** The language that is to be edited beside it. */
  locale: string;
  mayWrite: boolean;
  /** Told what the form draws beside its fields; nothing once that is closed. */
  onSide: (side: Side | null) => void;
}

/** Opens a second language of an entry, and draws what stands above the fields of the two. */
export default function SideBySide({ open, locale, mayWrite, onSide }: SideBySideProps) {
  const { me } = useSession();
  const { type, documentId } = open;
  const key = copyKey(String(me.id), type.uid, type.kind === 'singleType' ? 'single' : documentId, locale);
  const loaded = useQuery({
    queryKey: ['entry-side', type.uid, documentId ?? '', locale],
    // The session keeps what it shows in step with the server from here on.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: async ({ signal }) => {
      const copy = await readCopy(key).catch(() => undefined);
      return { read: await readIfFound(type, documentId ?? '', locale, signal), copy };
    },
  });
  const [opened, setOpened] = useState<{ session: EntrySession; copy: LocalCopy | undefined; times: number } | null>(
    null,
  );
  if (loaded.data && !opened) {
    const { read, copy } = loaded.data;
    const session = openSide(open, locale, key, read);
    setOpened({ session, copy: copy && session.lacks(copy) ? copy : undefined, times: 1 });
  }
  if (loaded.error) return <ErrorMessage error={loaded.error} retry={() => void loaded.refetch()} />;
  if (!opened) return null;
  const { session, copy, times } = opened;
  const openAgain = () => {
    const next = openSide(open, locale, key, null, session.store.values);
    setOpened({ session: next, copy: undefined, times: times + 1 });
    void next.flush();
  };
  return (
    <OpenSide
      key={times}
      open={open}
      session={session}
      copy={copy}
      mayWrite={mayWrite}
      onAgain={openAgain}
      onSide={onSide}
    />
  );
}

/** A session of another language of an entry. One that is not there yet begins with what all languages share. */
function openSide(
  { model, type, documentId, store, state }: EntrySession,
  locale: string,
  key: string,
  read: Awaited<ReturnType<typeof readIfFound>>,
  written: Values = {},
): EntrySession {
  const initial = Object.fromEntries(
    Object.entries(type.attributes).map(([name, attribute]) => [
      name,
      isShared(attribute) ? store.saved[name] : (written[name] ?? emptyValue(model, attribute)),
    ]),
  );
  return new EntrySession({ model, type, documentId, locale, read, initial, copyKey: key, state });
}

interface OpenSideProps extends Omit<SideBySideProps, 'locale'> {
  session: EntrySession;
  copy: LocalCopy | undefined;
  /** Makes the language anew from what is shown, after somebody deleted it. */
  onAgain: () => void;
}

function OpenSide({ open, session, copy: found, mayWrite, onAgain, onSide }: OpenSideProps) {
  const { t } = useTranslation('sides');
  const { t: te } = useTranslation('editor');
  const { store, slugs, locale, type, model } = session;
  const language = languageName(locale ?? '');
  const openLanguage = languageName(open.locale ?? '');
  const setSearch = entryAddress.useSetSearch();
  const [copy, setCopy] = useState(found);
  const { save, summary, rest, showErrors, check, saveNow } = useSaving(session);
  const actions = useEntryActions({ session, check, saveNow, showErrors, language });
  const presence = usePresence(session);
  const outdated = useOutdated(open, session);
  const { locales } = useSession();
  // Without it the texts stand side by side anyway.
  const glossary = useQuery({ ...glossaryQuery, staleTime: 60_000, retry: false }).data;
  const translates = Boolean(useQuery({ ...translationServiceQuery, staleTime: 60_000, retry: false }).data);
  const source = locale === locales.default ? 'beside' : 'open';
  const [shown, setShown] = useState<Side['shown']>('open');
  const gone = useGone(session);

  useEffect(() => {
    registerSession(session);
    // A copy of which the server lacks nothing has done its work.
    if (!found && !session.unsaved) void session.forget();
    return session.start();
    // Only of what it began with: a copy that is brought back is dropped once it is saved.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [session]);
  useEffect(() => keepInStep(open, session), [open, session]);
  useEffect(() => open.store.onReveal(() => setShown('open')), [open]);
  useEffect(() => store.onReveal(() => setShown('beside')), [store]);

  // Which of the two the keys for undo are about.
  const used = useRef(false);
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      const field = target instanceof Element ? target.closest<HTMLElement>('[data-field]') : null;
      const isBeside = field?.closest('[data-beside]') !== null && field !== null;
      if (field) used.current = isBeside;
      presence?.enter(isBeside ? field.dataset.field : undefined);
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, [presence]);

  useShortcut(
    'mod+shift+L',
    () => {
      if (moveAcross(open, session) === 'shared') announce(t('shared'));
    },
    { whileTyping: true, inDialogs: false },
  );

  const turn = useCallback(
    (way: 'undo' | 'redo') => {
      const path = way === 'undo' ? store.undo() : store.redo();
      if (path === null) return;
      announce(te(`turn.${way}`));
      if (!document.activeElement?.closest(`[data-beside] [data-field="${CSS.escape(path)}"]`))
        goToField(store, path, SIDE_FORM);
    },
    [store, te],
  );
  const latest = useRef<() => void>(() => undefined);
  useEffect(() => {
    latest.current = () => {
      // What the other language has published just now may have changed what both share.
      const ready = session.unsaved || session.version === null ? Promise.resolve() : session.reload();
      void ready.catch(() => undefined).then(() => actions.run('publish'));
    };
  });
  const publishing = actions.busy === 'publish';
  const state = useSyncExternalStore(session.subscribe, () => session.state);
  const publishLabel = t('publish', { language: openLanguage });
  const side: Side = useMemo(
    () => ({
      session,
      shown,
      host: {
        id: SIDE_FORM,
        store,
        slugs,
        locale,
        presence,
        turn,
        marksShared: false,
        Tools: undefined,
        Beside: undefined,
      },
      outdated,
      glossary,
      translates,
      source,
      publishing,
      publishLabel,
      isUsed: () => used.current,
      turn,
      saveNow,
      publish: () => latest.current(),
      Field: SideField,
      State: SidesState,
      PublishItems,
      state,
    }),
    [
      session,
      shown,
      store,
      slugs,
      locale,
      presence,
      turn,
      outdated,
      glossary,
      translates,
      source,
      publishing,
      publishLabel,
      saveNow,
      state,
    ],
  );
  useEffect(() => onSide(side), [onSide, side]);
  useEffect(() => () => onSide(null), [onSide]);

  return (
    <>
      <SideBar
        open={open}
        side={side}
        mayWrite={mayWrite}
        gone={gone}
        onShow={setShown}
        onAgain={onAgain}
        onClose={() => setSearch({ beside: undefined })}
      />
      {copy && <RecoverNote session={session} copy={copy} onDone={() => setCopy(undefined)} language={language} />}
      <ErrorSummary
        store={store}
        model={model}
        type={type}
        rest={gone ? [] : save.is === 'refused' ? save.rest : rest}
        at={summary}
        language={language}
        goTo={(path) => {
          // What all languages share stands in the form of the open one.
          if (hasTwoSides(type.attributes[splitPath(path)[0] ?? ''])) goToField(store, path, SIDE_FORM);
          else goToField(open.store, path);
        }}
      />
      <EntryDialogs session={session} actions={actions} save={save} language={language} />
    </>
  );
}

/** Whether the language was deleted while it was open: found out when the server refuses a save. */
function useGone(session: EntrySession): boolean {
  const [gone, setGone] = useState(false);
  const save = useSyncExternalStore(session.subscribe, () => session.save);
  useEffect(() => {
    const { version, documentId, type, locale } = session;
    if (save.is !== 'refused' || save.held || version === null || documentId === undefined) return undefined;
    const abort = new AbortController();
    readIfFound(type, documentId, locale, abort.signal)
      .then((read) => setGone(read === null))
      // What cannot be found out is told as the server told it.
      .catch(() => undefined);
    return () => abort.abort();
  }, [save, session]);
  return gone && save.is !== 'saved';
}
