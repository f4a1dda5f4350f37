import { ActionIcon, Avatar, Button, Group, Text, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconDeviceDesktop } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';
import type { PresentUser } from '@/api/editorial';
import { useSession } from '@/api/session';
import { keyNames } from '@/ui/keys';
import { lazyPart } from '@/ui/lazyPart';
import { StatusBadge } from '@/views/cells/StatusBadge';
import classes from './Edit.module.css';
import { LocaleMenu } from './LocaleMenu';
import { PublishMenu } from './PublishMenu';
import { type EntrySearch, entryAddress } from './addresses';
import { SaveIndicator } from './SaveIndicator';
import type { EntrySession, SaveState } from './session';
import { useFieldName } from './useFieldName';
import type { EntryActions } from './useEntryActions';

const DraftDiff = lazyPart(() => import('./DraftDiff'));

interface EditorBarProps {
  session: EntrySession;
  search: EntrySearch;
  save: SaveState;
  /** How it stands in this locale. */
  status: DocumentStatus | undefined;
  people: readonly PresentUser[];
  mayWrite: boolean;
  actions: EntryActions;
  turn: (way: 'undo' | 'redo') => void;
}

/** As they are printed on this keyboard. */
function shortcutLabel(combination: string): string {
  return keyNames(combination).join('+');
}

const icon = { size: 18, 'aria-hidden': true } as const;

/** What stays at the top: how the entry stands, its language, who else is here, saving and publishing. */
export function EditorBar({ session, search, save, status, people, mayWrite, actions, turn }: EditorBarProps) {
  const { t } = useTranslation('editor');
  const { locales } = useSession();
  const setSearch = entryAddress.useSetSearch();
  const { type, documentId } = session;
  const fieldName = useFieldName();
  const [comparing, setComparing] = useState(false);
  const preview = search.preview === true && documentId !== undefined;
  return (
    <div className={classes.bar}>
      {!status && <Text size="sm">{t('new')}</Text>}
      {/* Where nothing is published apart from saving, there is nothing to say. */}
      {status && type.draftAndPublish && <StatusBadge status={status} />}
      {status === 'modified' && documentId && (
        <Button size="compact-sm" variant="subtle" onClick={() => setComparing(true)}>
          {t('diff.do')}
        </Button>
      )}
      {type.localized && <LocaleMenu session={session} locales={locales} beside={search.beside} mayWrite={mayWrite} />}
      <SaveIndicator session={session} save={save} publishing={actions.busy === 'publish'} />
      <span className={classes.grow} />
      {people.length > 0 && (
        <Avatar.Group aria-label={t('people.label')} role="group">
          {people.slice(0, 4).map((each) => (
            <Tooltip
              key={`${each.actor} ${each.tab}`}
              label={
                each.field
                  ? t('people.in', { name: each.name, field: fieldName(type.uid, each.field) })
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
      )}
      <Group gap={2}>
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
        {type.previewable && documentId && (
          <Tooltip label={t('preview.toggle')}>
            <ActionIcon
              variant={preview ? 'light' : 'subtle'}
              color="gray"
              aria-pressed={preview}
              aria-label={t('preview.toggle')}
              onClick={() => setSearch({ preview: preview ? undefined : true, beside: undefined })}
            >
              <IconDeviceDesktop {...icon} />
            </ActionIcon>
          </Tooltip>
        )}
      </Group>
      {mayWrite && (
        <Button
          size="sm"
          variant={type.draftAndPublish ? 'default' : 'filled'}
          onClick={() => void actions.saveNow()}
          loading={save.is === 'saving' && !type.draftAndPublish}
          title={shortcutLabel('mod+S')}
        >
          {t('save.do')}
        </Button>
      )}
      <PublishMenu session={session} actions={actions} status={status} />
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
