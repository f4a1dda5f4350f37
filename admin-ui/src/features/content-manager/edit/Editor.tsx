import { Alert, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { useSession } from '@/api/session';
import { usagesQuery } from '@/api/usages';
import { documentViewOf, PluginField, usePluginViews } from '@/features/plugins';
import { AskAdministrator } from '@/features/users';
import { EntryForm, Fields } from '@/fields/form/Fields';
import type { FieldAccess, FormHost } from '@/fields/form/context';
import { goToField } from '@/fields/form/reveal';
import { splitPath, toKeys } from '@/fields/form/values';
import { fieldId } from '@/fields/shared/inputProps';
import { languageName } from '@/ui/format';
import { lazyPart } from '@/ui/lazyPart';
import { announce } from '@/ui/live';
import { PartBoundary } from '@/ui/PartBoundary';
import { useShortcut, useWritingPage } from '@/app/shortcuts';
import { type Side, SideContext } from './side-by-side/side';
import { LateCreateEntry } from './LateCreateEntry';
import classes from './Edit.module.css';
import { EditorBar } from './EditorBar';
import { EntryDialogs } from './EntryDialogs';
import { EntryPlace, EntryTitle } from './EntryTitle';
import { ErrorSummary } from './ErrorSummary';
import { FieldTools } from './FieldTools';
import { type FormPart, splitColumns } from './formColumns';
import { FormSection } from './FormSection';
import type { LocalCopy } from './localCopy';
import { type EntrySearch, entryAddress } from './addresses';
import type { EntrySession } from './session';
import { SideColumn } from './SideColumn';
import { useEntryActions } from './useEntryActions';
import { usePresence } from './usePresence';
import { useSaving } from './useSaving';

const FormTabs = lazyPart(() => import('./FormTabs'));
const MissingChecks = lazyPart(() => import('./MissingChecks'));
const SideBySide = lazyPart(() => import('./side-by-side/SideBySide'));
const RecoverNote = lazyPart(() => import('./RecoverNote'));
const PreviewPane = lazyPart(() => import('./PreviewPane'));

interface EditorProps {
  session: EntrySession;
  search: EntrySearch;
  /** What an earlier page left on this device. */
  copy: LocalCopy | undefined;
  onCopyDone: () => void;
  /** Told before the address changes to that of the new entry. */
  onCreated: (documentId: string) => void;
}

/** Keys that every editor has. In dialogs they are those of the dialog's own fields. */
const PAGE_SHORTCUT = { whileTyping: true, inDialogs: false, always: true } as const;
const NO_PEOPLE: readonly never[] = [];
const toToast = async () => (await import('@/ui/focusToast')).focusToast();
const subscribeToNothing = () => () => {};

/** An entry and all that is done with it. */
export function Editor({ session, search, copy, onCopyDone, onCreated }: EditorProps) {
  const { t } = useTranslation('editor');
  const { store, slugs, type, model, locale } = session;
  const { locales } = useSession();
  const navigate = useNavigate();
  const { save, summary, rest, showErrors, check, saveNow: saveOpen } = useSaving(session);
  const presence = usePresence(session);
  const people = useSyncExternalStore(presence?.subscribe ?? subscribeToNothing, presence?.people ?? (() => NO_PEOPLE));
  const documentId = session.documentId;
  const hasPage = documentViewOf(usePluginViews(), type.uid) !== undefined;

  // The first save of a new entry gives it its address; the fields go on where they were.
  useEffect(() => {
    return session.whenCreated((id) => {
      if (type.kind === 'singleType') return;
      onCreated(id);
      const focused = document.activeElement?.id;
      const [from, to] =
        document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement
          ? [document.activeElement.selectionStart, document.activeElement.selectionEnd]
          : [null, null];
      void navigate({
        // Where a plugin has a page for it, the form is asked for: who is typing stays in it.
        ...entryAddress.to({ uid: type.uid, documentId: id }, hasPage ? { ...search, form: true } : search),
        replace: true,
        ignoreBlocker: true,
      }).then(() => {
        let tries = 0;
        const back = () => {
          const element = focused ? document.getElementById(focused) : null;
          if (element) {
            element.focus({ preventScroll: true });
            if (from !== null && (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)) {
              // Inputs of numbers and dates have no selection.
              if (element.selectionStart !== null) element.setSelectionRange(from, to);
            }
          } else if ((tries += 1) < 20) setTimeout(back, 50);
        };
        back();
      });
    });
  }, [session, type, navigate, onCreated, search, hasPage]);

  const [side, setSide] = useState<Side | null>(null);
  const language = side ? languageName(locale ?? '') : undefined;
  const saveNow = useCallback(async () => {
    const all = await Promise.all([saveOpen(), side?.saveNow() ?? true]);
    return all.every(Boolean);
  }, [saveOpen, side]);
  const actions = useEntryActions({ session, check, saveNow, showErrors, language });

  useShortcut('mod+S', () => void saveNow(), { whileTyping: true, always: true });
  useShortcut('mod+shift+P', () => void actions.run('publish'), {
    whileTyping: true,
    inDialogs: false,
    enabled: type.draftAndPublish && type.can.publish,
  });
  const turn = useCallback(
    (way: 'undo' | 'redo') => {
      const path = way === 'undo' ? store.undo() : store.redo();
      if (path === null) return;
      announce(t(`turn.${way}`));
      if (!document.activeElement?.closest(`[data-field="${CSS.escape(path)}"]`)) goToField(store, path);
    },
    [store, t],
  );
  // The keys are about the language that somebody is writing in.
  const turnEither = (way: 'undo' | 'redo') => (side?.isUsed() ? side.turn : turn)(way);
  useShortcut('mod+Z', () => turnEither('undo'), PAGE_SHORTCUT);
  useShortcut('mod+shift+Z', () => turnEither('redo'), PAGE_SHORTCUT);
  useShortcut('mod+Y', () => turnEither('redo'), PAGE_SHORTCUT);

  useShortcut('F8', () => void toToast(), { whileTyping: true, inDialogs: false });

  // A link that leads to a field.
  useEffect(() => {
    if (!search.field) return;
    const path = toKeys(store.values, type.attributes, model, search.field.split('.'));
    if (path !== '') goToField(store, path);
  }, [search.field, store, type, model]);

  const usages = useQuery({ ...usagesQuery(type.uid, documentId ?? ''), enabled: documentId !== undefined });

  const mayWrite = documentId === undefined ? type.can.create : type.can.update;
  const access = useCallback(
    (path: string, attribute: Attribute): FieldAccess => {
      const [name = ''] = splitPath(path);
      const { read, write } = type.can.fields;
      if (read !== null && !read.includes(name)) return { disabled: true, hidden: true };
      if (!mayWrite) return { disabled: true, reason: t('access.type') };
      if (write !== null && !write.includes(name)) return { disabled: true, reason: t('access.field') };
      void attribute;
      return { disabled: false };
    },
    [type, mayWrite, t],
  );
  useWritingPage(mayWrite);
  const Beside = side?.Field;
  const host: FormHost = useMemo(
    () => ({
      store,
      slugs,
      model,
      uid: type.uid,
      documentId,
      locale,
      marksShared: locale !== undefined && locales.available.length > 1,
      access,
      Tools: documentId ? FieldTools : undefined,
      Beside,
      presence,
      turn,
      CustomField: PluginField,
      CreateEntry: LateCreateEntry,
    }),
    [store, slugs, model, type, documentId, locale, locales, access, presence, turn, Beside],
  );

  const status = save && session.state?.locales.find((each) => (each.locale ?? undefined) === locale)?.status;
  const columns = useMemo(() => splitColumns(type), [type]);
  // A new entry is opened to be written: its title has the focus, or the first field that may be.
  const [firstField] = useState(() => {
    if (documentId !== undefined) return undefined;
    const names = [...(type.titleField ? [type.titleField] : []), ...columns.main, ...columns.side];
    return names.find((name) => {
      const attribute = type.attributes[name];
      return attribute !== undefined && !access(name, attribute).disabled;
    });
  });
  const draw = (parts: readonly FormPart[]) =>
    parts.map((part, index) => <FormSection key={index} attributes={type.attributes} part={part} />);
  const preview = search.preview === true && documentId !== undefined;
  const besideLocale =
    !preview &&
    documentId !== undefined &&
    type.localized &&
    locales.available.some(({ code }) => code !== locale && code === search.beside)
      ? search.beside
      : undefined;
  const subject = documentId ? { uid: type.uid, documentId, locale } : undefined;

  return (
    <SideContext value={side}>
      <EntryForm host={host}>
        {type.kind === 'collectionType' && !hasPage && <EntryPlace session={session} search={search} />}
        <EditorBar
          title={
            <>
              <EntryTitle
                session={session}
                focusField={documentId === undefined && firstField ? fieldId(firstField) : undefined}
              />
              {/* Past the bar, for who goes by keyboard. */}
              <a
                href={`#${fieldId(columns.main[0] ?? '')}`}
                className={classes.skip}
                onClick={(event) => {
                  event.preventDefault();
                  goToField(store, columns.main[0] ?? '');
                }}
              >
                {t('toFields')}
              </a>
            </>
          }
          session={session}
          search={search}
          save={save}
          status={status}
          people={people}
          side={side}
          mayWrite={mayWrite}
          actions={actions}
          turn={turnEither}
        />
        <Suspense>{copy && <RecoverNote session={session} copy={copy} onDone={onCopyDone} />}</Suspense>
        {!session.version && documentId !== undefined && type.localized && (
          <Alert color="blue" mb="md" title={t('locale.missing')}>
            {t('locale.missingText')}
          </Alert>
        )}
        {!mayWrite && (
          <Alert color="blue" mb="md" title={t('access.title')}>
            <Text size="sm">{t(documentId ? 'access.update' : 'access.create', { type: type.info.displayName })}</Text>
            <AskAdministrator action={documentId ? 'update' : 'create'} type={type.uid} documentId={documentId} />
          </Alert>
        )}
        <Suspense>{mayWrite && type.missingChecks.length > 0 && <MissingChecks type={type} />}</Suspense>
        <ErrorSummary
          store={store}
          model={model}
          type={type}
          rest={save.is === 'refused' ? save.rest : rest}
          at={summary}
        />

        {besideLocale !== undefined && (
          <PartBoundary>
            <SideBySide key={besideLocale} open={session} locale={besideLocale} mayWrite={mayWrite} onSide={setSide} />
          </PartBoundary>
        )}
        <div
          className={classes.columns}
          data-preview={preview || undefined}
          data-beside-open={side !== null || undefined}
          data-shown={side?.shown}
        >
          {/* Which field has the focus is told to others who are in the entry. */}
          <div
            className={classes.main}
            onFocus={(event) => {
              // What is opened over the page, such as the form of another entry, is inside for React alone.
              const within = event.currentTarget.contains(event.target) && !event.target.closest('[data-beside]');
              presence?.enter(within ? event.target.closest<HTMLElement>('[data-field]')?.dataset.field : undefined);
            }}
            onBlur={(event) => {
              if (!event.currentTarget.contains(event.relatedTarget)) presence?.enter(undefined);
            }}
          >
            {draw(columns.parts)}
            {columns.tabs.length > 0 && (
              <FormTabs fallback={null} attributes={type.attributes} tabs={columns.tabs} draw={draw} />
            )}
            {preview && columns.side.length > 0 && <Fields at="" attributes={type.attributes} names={columns.side} />}
          </div>
          {preview && subject ? (
            <div className={classes.side}>
              <Suspense>
                <PreviewPane subject={subject} session={session} />
              </Suspense>
            </div>
          ) : (
            <SideColumn
              session={session}
              names={columns.side}
              subject={subject}
              panel={search.panel}
              usages={usages.data ?? null}
            />
          )}
        </div>
        <EntryDialogs session={session} actions={actions} save={save} language={language} />
      </EntryForm>
    </SideContext>
  );
}
