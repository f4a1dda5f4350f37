import { ActionIcon, Alert, Avatar, Button, Group, Tabs, Text, Tooltip } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDeviceDesktop,
  IconHistory,
  IconMessage,
  IconCalendarEvent,
  IconStatusChange,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { useSession } from '@/api/session';
import { EntryForm, Fields } from '@/fields/form/Fields';
import type { Access, FormHost } from '@/fields/form/context';
import { goToField } from '@/fields/form/reveal';
import { split, toKeys } from '@/fields/form/values';
import { validate } from '@/fields/form/validate';
import { registry } from '@/fields/registry';
import { useProblemText } from '@/fields/shared/texts';
import { formatDateTime } from '@/ui/format';
import { announce } from '@/ui/live';
import { PageTitle } from '@/ui/PageTitle';
import { useShortcut } from '@/ui/shortcuts';
import { ConflictScreen } from './ConflictScreen';
import { CreateEntry } from './CreateEntry';
import classes from './Edit.module.css';
import { ErrorSummary } from './ErrorSummary';
import { FieldTools } from './FieldTools';
import { LocaleMenu } from './LocaleMenu';
import type { LocalCopy } from './localCopy';
import { PublishMenu } from './PublishMenu';
import { type EntrySearch, entryRoute, type Panel } from './routes';
import { SaveIndicator } from './SaveIndicator';
import type { EntrySession } from './session';
import { StatusBadge } from './StatusBadge';
import { useEntryActions } from './useEntryActions';
import { usePresence } from './usePresence';

const HistoryPanel = lazy(() => import('./HistoryPanel'));
const CommentsPanel = lazy(() => import('./CommentsPanel'));
const ReviewPanel = lazy(() => import('./ReviewPanel'));
const PlansPanel = lazy(() => import('./PlansPanel'));
const PreviewPane = lazy(() => import('./PreviewPane'));

interface EditorProps {
  session: EntrySession;
  search: EntrySearch;
  /** What an earlier page left on this device. */
  copy: LocalCopy | undefined;
  onCopyDone: () => void;
  /** Told before the address changes to that of the new entry. */
  onCreated: (documentId: string) => void;
}

const icon = { size: 18, 'aria-hidden': true } as const;
const noPeople: readonly never[] = [];
const never = () => () => {};

/** An entry and all that is done with it. */
export function Editor({ session, search, copy, onCopyDone, onCreated }: EditorProps) {
  const { t } = useTranslation('editor');
  const { locales } = useSession();
  const { store, type, model, locale } = session;
  const navigate = useNavigate();
  const queries = useQueryClient();
  const setSearch = entryRoute.useSetSearch();
  const save = useSyncExternalStore(session.subscribe, () => session.save);
  const summary = useRef<HTMLDivElement>(null);
  const [rest, setRest] = useState<string[]>([]);
  const problemText = useProblemText();
  const presence = usePresence(session);
  const people = useSyncExternalStore(presence?.subscribe ?? never, presence?.people ?? (() => noPeople));
  const documentId = session.documentId;

  // The first save of a new entry gives it its address; the fields go on where they were.
  useEffect(() => {
    return session.whenCreated((id) => {
      if (type.kind === 'singleType') return;
      onCreated(id);
      const focused = document.activeElement?.id;
      const [from, to] = document.activeElement instanceof HTMLInputElement || document.activeElement instanceof HTMLTextAreaElement
        ? [document.activeElement.selectionStart, document.activeElement.selectionEnd]
        : [null, null];
      void navigate({ ...entryRoute.to({ uid: type.uid, documentId: id }, search), replace: true, ignoreBlocker: true }).then(() => {
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
  }, [session, type, navigate, onCreated, search]);

  const showErrors = useCallback(
    (fields: Map<string, string>, others: string[]) => {
      store.setErrors(fields);
      setRest(others);
      requestAnimationFrame(() => summary.current?.focus());
    },
    [store],
  );

  useEffect(() => {
    if (save.is !== 'saved' || save.at === null) return;
    void queries.invalidateQueries({ queryKey: ['content'] });
    void queries.invalidateQueries({ queryKey: ['entry-history'] });
    void queries.invalidateQueries({ queryKey: ['entry-review'] });
  }, [save, queries]);

  const check = useCallback(
    (publishing: boolean): boolean => {
      const problems = validate(registry, model, type.attributes, store.values, publishing);
      if (problems.size === 0) {
        store.setErrors(new Map());
        setRest([]);
        return true;
      }
      showErrors(new Map([...problems].map(([path, problem]) => [path, problemText(problem)])), []);
      return false;
    },
    [model, type, store, showErrors, problemText],
  );

  const saveNow = useCallback(async () => {
    if (!check(!type.draftAndPublish)) return false;
    const done = await session.flush('asked');
    if (done) announce(t('save.done'));
    return done;
  }, [check, session, type, t]);

  const actions = useEntryActions({ session, check, saveNow, showErrors });

  useShortcut('mod+S', () => void saveNow(), { whileTyping: true });
  useShortcut('mod+shift+P', () => void actions.run('publish'), { whileTyping: true, enabled: type.draftAndPublish && type.can.publish });
  const turn = useCallback(
    (way: 'undo' | 'redo') => {
      const path = way === 'undo' ? store.undo() : store.redo();
      if (path === null) return;
      announce(t(`turn.${way}`));
      if (!document.activeElement?.closest(`[data-field="${CSS.escape(path)}"]`)) goToField(store, path);
    },
    [store, t],
  );
  useShortcut('mod+Z', () => turn('undo'), { whileTyping: true });
  useShortcut('mod+shift+Z', () => turn('redo'), { whileTyping: true });
  useShortcut('mod+Y', () => turn('redo'), { whileTyping: true });

  // Leaving the browser is asked about only where something would be lost.
  useEffect(() => {
    const onLeave = (event: BeforeUnloadEvent) => {
      if (session.unsaved) event.preventDefault();
    };
    window.addEventListener('beforeunload', onLeave);
    return () => window.removeEventListener('beforeunload', onLeave);
  }, [session]);
  useBlocker({
    // Drafts are sent on the way out; what has no draft is only kept on this device.
    shouldBlockFn: () => session.unsaved && !session.autosaves && !window.confirm(t('leave')),
    enableBeforeUnload: false,
  });

  // A link that leads to a field.
  useEffect(() => {
    if (!search.field) return;
    const path = toKeys(store.values, type.attributes, model, search.field.split('.'));
    if (path !== '') goToField(store, path);
  }, [search.field, store, type, model]);

  const mayWrite = documentId === undefined ? type.can.create : type.can.update;
  const access = useCallback(
    (path: string, attribute: Attribute): Access => {
      const [name = ''] = split(path);
      const { read, write } = type.can.fields;
      if (read !== null && !read.includes(name)) return { disabled: true, hidden: true };
      if (!mayWrite) return { disabled: true, reason: t('access.type') };
      if (write !== null && !write.includes(name)) return { disabled: true, reason: t('access.field') };
      void attribute;
      return { disabled: false };
    },
    [type, mayWrite, t],
  );
  const host: FormHost = useMemo(
    () => ({ store, model, uid: type.uid, documentId, locale, access, Tools: documentId ? FieldTools : undefined, presence, turn, CreateEntry }),
    [store, model, type, documentId, locale, access, presence, turn],
  );

  const title = useTitle(session);
  const status = save && session.state?.locales.find((each) => (each.locale ?? undefined) === locale)?.status;
  const columns = useMemo(() => split2(type), [type]);
  const preview = search.preview === true && documentId !== undefined;
  const subject = documentId ? { uid: type.uid, documentId, locale } : undefined;

  return (
    <EntryForm host={host}>
      <PageTitle title={title || t('untitled', { type: type.info.displayName })} />
      <div className={classes.bar}>
        {status ? <StatusBadge status={status} /> : <Text size="sm">{t('new')}</Text>}
        {type.localized && <LocaleMenu session={session} locales={locales} />}
        <SaveIndicator save={save} autosaves={session.autosaves} />
        <span className={classes.grow} />
        {people.length > 0 && (
          <Avatar.Group aria-label={t('people.label')} role="group">
            {people.slice(0, 4).map((each) => (
              <Tooltip key={`${each.actor} ${each.tab}`} label={each.field ? t('people.in', { name: each.name, field: each.field }) : t('people.here', { name: each.name })}>
                <Avatar size="sm" name={each.name} color="initials" tabIndex={0} aria-label={t('people.here', { name: each.name })} />
              </Tooltip>
            ))}
          </Avatar.Group>
        )}
        <Group gap={2}>
          <Tooltip label={`${t('turn.undo')} (Ctrl+Z)`}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('turn.undo')} onClick={() => turn('undo')}>
              <IconArrowBackUp {...icon} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={`${t('turn.redo')} (Ctrl+Y)`}>
            <ActionIcon variant="subtle" color="gray" aria-label={t('turn.redo')} onClick={() => turn('redo')}>
              <IconArrowForwardUp {...icon} />
            </ActionIcon>
          </Tooltip>
          {type.previewable && documentId && (
            <Tooltip label={t('preview.toggle')}>
              <ActionIcon variant={preview ? 'light' : 'subtle'} color="gray" aria-pressed={preview} aria-label={t('preview.toggle')} onClick={() => setSearch({ preview: preview ? undefined : true })}>
                <IconDeviceDesktop {...icon} />
              </ActionIcon>
            </Tooltip>
          )}
        </Group>
        {mayWrite && (
          <Button size="sm" variant={type.draftAndPublish ? 'default' : 'filled'} onClick={() => void saveNow()} loading={save.is === 'saving' && !type.draftAndPublish}>
            {t('save.do')}
          </Button>
        )}
        <PublishMenu session={session} actions={actions} status={status} />
      </div>

      {copy && (
        <Alert title={t('recover.title')} color="blue" mb="md" role="alert">
          <Text size="sm">{t('recover.text', { at: formatDateTime(copy.at) })}</Text>
          <Group mt="xs" gap="xs">
            <Button
              size="xs"
              onClick={() => {
                session.recover(copy);
                onCopyDone();
              }}
            >
              {t('recover.do')}
            </Button>
            <Button
              size="xs"
              variant="default"
              onClick={() => {
                void session.forget();
                onCopyDone();
              }}
            >
              {t('recover.forget')}
            </Button>
          </Group>
        </Alert>
      )}
      {!session.version && documentId !== undefined && type.localized && (
        <Alert color="blue" mb="md" title={t('locale.missing')}>
          {t('locale.missingText')}
        </Alert>
      )}
      <ErrorSummary store={store} rest={save.is === 'refused' ? save.rest : rest} at={summary} />

      <div className={classes.columns} data-preview={preview || undefined}>
        {/* Which field has the focus is told to others who are in the entry. */}
        <div
          className={classes.main}
          onFocus={(event) => presence?.enter(event.target.closest<HTMLElement>('[data-field]')?.dataset.field)}
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) presence?.enter(undefined);
          }}
        >
          <Fields at="" attributes={type.attributes} names={columns.main} />
          {preview && columns.side.length > 0 && <Fields at="" attributes={type.attributes} names={columns.side} />}
        </div>
        {preview && subject ? (
          <div className={classes.side}>
            <Suspense>
              <PreviewPane subject={subject} session={session} />
            </Suspense>
          </div>
        ) : (
          <aside className={classes.side} aria-label={t('side')}>
            {columns.side.length > 0 && <Fields at="" attributes={type.attributes} names={columns.side} />}
            <Facts session={session} />
            {subject && (
              <Tabs value={search.panel ?? null} onChange={(panel) => setSearch({ panel: panel === search.panel ? undefined : (panel as Panel) })} allowTabDeactivation>
                <Tabs.List>
                  <Tabs.Tab value="history" aria-label={t('history.title')} leftSection={<IconHistory {...icon} />} title={t('history.title')} />
                  <Tabs.Tab value="comments" aria-label={t('comments.title')} leftSection={<IconMessage {...icon} />} title={t('comments.title')} />
                  {type.draftAndPublish && (
                    <>
                      <Tabs.Tab value="review" aria-label={t('review.title')} leftSection={<IconStatusChange {...icon} />} title={t('review.title')} />
                      <Tabs.Tab value="plans" aria-label={t('plans.title')} leftSection={<IconCalendarEvent {...icon} />} title={t('plans.title')} />
                    </>
                  )}
                </Tabs.List>
                <Suspense>
                  <Tabs.Panel value="history" pt="sm">
                    {search.panel === 'history' && <HistoryPanel subject={subject} session={session} />}
                  </Tabs.Panel>
                  <Tabs.Panel value="comments" pt="sm">
                    {search.panel === 'comments' && <CommentsPanel subject={subject} session={session} />}
                  </Tabs.Panel>
                  <Tabs.Panel value="review" pt="sm">
                    {search.panel === 'review' && <ReviewPanel subject={subject} session={session} />}
                  </Tabs.Panel>
                  <Tabs.Panel value="plans" pt="sm">
                    {search.panel === 'plans' && <PlansPanel subject={subject} />}
                  </Tabs.Panel>
                </Suspense>
              </Tabs>
            )}
          </aside>
        )}
      </div>
      {save.is === 'conflict' && (
        <ConflictScreen conflicts={save.conflicts} by={save.by} at={save.at} onResolve={(choices) => session.resolve(choices)} />
      )}
    </EntryForm>
  );
}

/** The value of the attribute that the type is titled by, as it is typed. */
function useTitle(session: EntrySession): string {
  const { store, type } = session;
  const name = type.titleField ?? '';
  const subscribe = useCallback((listener: () => void) => store.subscribe(name, listener), [store, name]);
  const value = useSyncExternalStore(subscribe, () => store.get(name));
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** What is written at the left; what classifies at the right: choices, dates, switches, relations, names in addresses. */
function split2(type: EntrySession['type']): { main: string[]; side: string[] } {
  const kinds = new Set(['boolean', 'enumeration', 'date', 'datetime', 'time', 'timestamp', 'uid', 'relation']);
  const names = Object.keys(type.attributes);
  const side = names.filter((name) => kinds.has(type.attributes[name]?.type ?? '') && name !== type.titleField);
  const main = names.filter((name) => !side.includes(name));
  // Nothing to write: everything is what the entry is about.
  return main.length === 0 ? { main: names, side: [] } : { main, side };
}

function Facts({ session }: { session: EntrySession }) {
  const { t } = useTranslation('editor');
  const { documentId, version, type } = session;
  if (!documentId) return null;
  return (
    <dl className={classes.facts}>
      <dt>{t('facts.type')}</dt>
      <dd>{type.info.displayName}</dd>
      <dt>{t('facts.id')}</dt>
      <dd>{documentId}</dd>
      {version && (
        <>
          <dt>{t('facts.version')}</dt>
          <dd>{version}</dd>
        </>
      )}
    </dl>
  );
}
