import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconCalendarTime,
  IconChevronDown,
  IconEyeOff,
  IconPackage,
  IconRestore,
  IconSend,
  IconStatusChange,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';
import { type Usages, usagesQuery } from '@/api/usages';
import { keyNames } from '@/ui/keys';
import { lazyPart } from '@/ui/lazyPart';
import { entryAddress } from './addresses';
import type { EntrySession } from './session';
import type { Side } from './side-by-side/side';
import type { EntryActions } from './useEntryActions';

const ScheduleDialog = lazyPart(() => import('./ScheduleDialog'));
const ReleaseDialog = lazyPart(() => import('./ReleaseDialog'));
const UnpublishDialog = lazyPart(() => import('./UnpublishDialog'));
const DiscardDialog = lazyPart(() => import('./DiscardDialog'));

const icon = { size: 16, 'aria-hidden': true } as const;

/** Publishing now, and everything else that decides what readers see. Nothing where the type has no drafts. */
export function PublishMenu({
  session,
  actions,
  status,
  side,
}: {
  session: EntrySession;
  actions: EntryActions;
  status: DocumentStatus | undefined;
  side?: Side | null | undefined;
}) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const setSearch = entryAddress.useSetSearch();
  const [scheduling, schedule] = useDisclosure();
  const [releasing, release] = useDisclosure();
  const [discarding, discard] = useDisclosure();
  const { type, documentId, locale } = session;
  const subject = documentId ? { uid: type.uid, documentId, locale } : undefined;
  const publishes = type.draftAndPublish && type.can.publish;
  const [leading, setLeading] = useState<Usages | null>(null);
  const unpublish = async () => {
    // Where it cannot be told what leads here, nothing can be asked either.
    const usages = await queries.fetchQuery(usagesQuery(type.uid, documentId ?? '')).catch(() => null);
    if (usages && usages.published > 0) setLeading(usages);
    else await actions.run('unpublish');
  };
  if (!publishes && !(type.draftAndPublish && subject)) return null;
  return (
    <Button.Group data-publish>
      {publishes && (
        <Button
          size="sm"
          loading={actions.busy === 'publish'}
          onClick={() => void actions.run('publish')}
          title={keyNames('mod+shift+P').join('+')}
        >
          {side?.publishLabel ?? t('publish.now')}
        </Button>
      )}
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon size={36} variant={publishes ? 'filled' : 'default'} aria-label={t('publish.options')}>
            <IconChevronDown {...icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {publishes && (
            <>
              {side ? (
                <side.PublishItems run={actions.run} />
              ) : (
                <Menu.Item leftSection={<IconSend {...icon} />} onClick={() => void actions.run('publish')}>
                  {t('publish.now')}
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconCalendarTime {...icon} />} disabled={!subject} onClick={schedule.open}>
                {t('publish.schedule')}
              </Menu.Item>
              <Menu.Item leftSection={<IconPackage {...icon} />} disabled={!subject} onClick={release.open}>
                {t('publish.release')}
              </Menu.Item>
            </>
          )}
          <Menu.Item
            leftSection={<IconStatusChange {...icon} />}
            disabled={!subject}
            onClick={() => setSearch({ panel: 'review', preview: undefined })}
          >
            {t('publish.review')}
          </Menu.Item>
          {publishes && status && status !== 'draft' && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconEyeOff {...icon} />} onClick={() => void unpublish()}>
                {t('publish.unpublish')}
              </Menu.Item>
              {status === 'modified' && (
                <Menu.Item leftSection={<IconRestore {...icon} />} onClick={discard.open}>
                  {t('publish.discard')}
                </Menu.Item>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {scheduling && subject && <ScheduleDialog subject={subject} session={session} onClose={schedule.close} />}
        {releasing && subject && <ReleaseDialog subject={subject} session={session} onClose={release.close} />}
        {leading && (
          <UnpublishDialog
            usages={leading}
            onClose={() => setLeading(null)}
            onUnpublish={() => {
              setLeading(null);
              void actions.run('unpublish');
            }}
          />
        )}
        {discarding && (
          <DiscardDialog
            onClose={discard.close}
            onDiscard={() => {
              discard.close();
              void actions.run('discard-draft');
            }}
          />
        )}
      </Suspense>
    </Button.Group>
  );
}
