import { ActionIcon, Avatar, Button, Group, Text, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowForwardUp, IconDeviceDesktop } from '@tabler/icons-react';
import { type ReactNode, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';
import type { PresentUser } from '@/api/editorial';
import { useSession } from '@/api/session';
import { keyNames } from '@/ui/keys';
import { lazyPart } from '@/ui/lazyPart';
import { StatusBadge } from '@/views/cells/StatusBadge';
import classes from './Edit.module.css';
import { EntryMenu } from './EntryMenu';
import { LocaleTabs } from './LocaleTabs';
import { PublishMenu } from './PublishMenu';
import { type EntrySearch, entryAddress } from './addresses';
import { SaveIndicator } from './SaveIndicator';
import type { EntrySession, SaveState } from './session';
import type { Side } from './side-by-side/side';
import { TranslationMenu } from './TranslationMenu';
import { useFieldName } from './useFieldName';
import type { EntryActions } from './useEntryActions';

const DraftDiff = lazyPart(() => import('./DraftDiff'));

interface EditorBarProps {
  /** The heading, and the link past the bar. */
  title: ReactNode;
  session: EntrySession;
  search: EntrySearch;
  save: SaveState;
  /** How it stands in this locale. */
  status: DocumentStatus | undefined;
  people: readonly PresentUser[];
  /** A second language that is edited beside it. */
  side?: Side | null | undefined;
  mayWrite: boolean;
  actions: EntryActions;
  turn: (way: 'undo' | 'redo') => void;
}

/** As they are printed on this keyboard. */
function shortcutLabel(combination: string): string {
  return keyNames(combination).join('+');
}

/** Narrower than this, the bar has what is used most; its menu has the rest. */
const NARROW = '(max-width: 61.99em)';

const icon = { size: 18, 'aria-hidden': true } as const;

/** What stays in sight: what the entry is, how it stands in each language, who else is here, saving and publishing. On a phone the latter are at the bottom. */
export function EditorBar({
  title,
  session,
  search,
  save,
  status,
  people,
  side,
  mayWrite,
  actions,
  turn,
}: EditorBarProps) {
  const { t } = useTranslation('editor');
  const { locales } = useSession();
  const setSearch = entryAddress.useSetSearch();
  const { type, documentId } = session;
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false });
  const [comparing, setComparing] = useState(false);
  // The page leaves room for the bar wherever it scrolls to.
  useEffect(() => {
    const root = document.documentElement;
    root.setAttribute('data-editor', '');
    return () => root.removeAttribute('data-editor');
  }, []);
  const preview = search.preview === true && documentId !== undefined;
  const saveNow = () => void actions.saveNow();
  const compare = status === 'modified' && documentId ? () => setComparing(true) : undefined;
  const togglePreview = () => setSearch({ preview: preview ? undefined : true, beside: undefined });
  const State = side?.State ?? SaveIndicator;
  const previewable = type.previewable && documentId !== undefined;
  const languages = { session, locales: locales.available, beside: search.beside, side, mayWrite };
  return (
    <div className={classes.bar} data-bar>
      <div className={classes.top}>
        {title}
        {!status && !type.localized && (
          <Text size="sm" c="dimmed" flex="none">
            {t('new')}
          </Text>
        )}
        {/* Each language says it on its tab. Where nothing is published apart from saving, there is nothing to say. */}
        {status && !type.localized && type.draftAndPublish && <StatusBadge status={status} />}
        <span className={classes.grow} />
        <People session={session} people={people} />
        <div className={classes.finish}>
          <State session={session} save={save} publishing={actions.busy === 'publish'} />
          {compare && !narrow && (
            <Button size="compact-sm" variant="subtle" flex="none" onClick={compare}>
              {t('diff.do')}
            </Button>
          )}
          {!narrow && (
            <Group gap={2} wrap="nowrap">
              <Tooltip label={`${t('turn.undo')} (${shortcutLabel('mod+Z')})`}>
                <ActionIcon variant="subtle" color="gray" aria-label={t('turn.undo')} onClick={() => turn('undo')}>
                  <IconArrowBackUp {...icon} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={`${t('turn.redo')} (${shortcutLabel('mod+shift+Z')})`}>
                <ActionIcon variant="subtle" color="gray" aria-label={t('turn.redo')} onClick={() => turn('redo')}>
                  <IconArrowForwardUp {...icon} />
                </ActionIcon>
              </Tooltip>
              {previewable && (
                <Tooltip label={t('preview.toggle')}>
                  <ActionIcon
                    variant={preview ? 'light' : 'subtle'}
                    color="gray"
                    aria-pressed={preview}
                    aria-label={t('preview.toggle')}
                    onClick={togglePreview}
                  >
                    <IconDeviceDesktop {...icon} />
                  </ActionIcon>
                </Tooltip>
              )}
            </Group>
          )}
          {/* What has drafts is saved by itself: on a narrow screen the button is in the menu. */}
          {mayWrite && !(narrow && type.draftAndPublish) && (
            <Button
              size="sm"
              flex="none"
              variant={type.draftAndPublish ? 'default' : 'filled'}
              onClick={saveNow}
              loading={save.is === 'saving' && !type.draftAndPublish}
              title={shortcutLabel('mod+S')}
              data-main={!type.draftAndPublish || undefined}
            >
              {t('save.do')}
            </Button>
          )}
          <PublishMenu session={session} actions={actions} status={status} side={side} />
        </div>
        <EntryMenu
          session={session}
          status={status}
          narrow={
            narrow
              ? {
                  save: mayWrite && type.draftAndPublish ? saveNow : undefined,
                  turn,
                  compare,
                  preview: previewable ? { open: preview, toggle: togglePreview } : undefined,
                }
              : undefined
          }
        />
      </div>
      {type.localized && (
        <div className={classes.languages}>
          <LocaleTabs {...languages} />
          <TranslationMenu {...languages} />
        </div>
      )}
      <Suspense>
        {comparing && documentId && (
          <DraftDiff
            subject={{ uid: type.uid, documentId, locale: session.locale }}
            session={session}
            onClose={() => setComparing(false)}
          />
        )}
      </Suspense>
    </div>
  );
}

/** Who else is in the entry, and in which field. */
function People({ session, people }: Pick<EditorBarProps, 'session' | 'people'>) {
  const { t } = useTranslation('editor');
  const fieldName = useFieldName();
  if (people.length === 0) return null;
  return (
    <Avatar.Group aria-label={t('people.label')} role="group">
      {people.slice(0, 4).map((each) => (
        <Tooltip
          key={`${each.actor} ${each.tab}`}
          label={
            each.field
              ? t('people.in', { name: each.name, field: fieldName(session.type.uid, each.field) })
              : t('people.here', { name: each.name })
          }
        >
          <Avatar
            size="sm"
            name={each.name}
            color="initials"
            tabIndex={0}
            aria-label={t('people.here', { name: each.name })}
          />
        </Tooltip>
      ))}
    </Avatar.Group>
  );
}
