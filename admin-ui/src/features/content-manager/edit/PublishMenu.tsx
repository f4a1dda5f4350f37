import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconCalendarTime,
  IconChevronDown,
  IconCode,
  IconCopyPlus,
  IconEyeOff,
  IconLink,
  IconPackage,
  IconRestore,
  IconSend,
  IconStatusChange,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OfflineError } from '@/api/client';
import { type DocumentStatus, duplicateEntry } from '@/api/content';
import { contentApiAddress } from '@/api/contentApi';
import { type Usages, usagesQuery } from '@/api/usages';
import { copyText } from '@/ui/copyText';
import { explainError } from '@/ui/explainError';
import { keyNames } from '@/ui/keys';
import { lazyPart } from '@/ui/lazyPart';
import { showToast } from '@/ui/toast';
import { entryAddress } from './addresses';
import type { EntrySession } from './session';
import type { EntryActions } from './useEntryActions';

const ScheduleDialog = lazyPart(() => import('./ScheduleDialog'));
const ReleaseDialog = lazyPart(() => import('./ReleaseDialog'));
const UnpublishDialog = lazyPart(() => import('./UnpublishDialog'));
const DiscardDialog = lazyPart(() => import('./DiscardDialog'));
const JsonDialog = lazyPart(() => import('./JsonDialog'));
const DeleteDialog = lazyPart(() => import('./DeleteDialog'));

const icon = { size: 16, 'aria-hidden': true } as const;

/** Publishing now, and everything else that can become of an entry. */
export function PublishMenu({
  session,
  actions,
  status,
}: {
  session: EntrySession;
  actions: EntryActions;
  status: DocumentStatus | undefined;
}) {
  const { t } = useTranslation('editor');
  const { t: tc } = useTranslation('common');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const setSearch = entryAddress.useSetSearch();
  const [scheduling, schedule] = useDisclosure();
  const [releasing, release] = useDisclosure();
  const [deleting, deletion] = useDisclosure();
  const [discarding, discard] = useDisclosure();
  const [viewingJson, json] = useDisclosure();
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
  const duplicate = async () => {
    if (!documentId) return;
    try {
      if (!(await session.flush('asked'))) {
        // A conflict and a refusal are shown by the page.
        if (session.save.is === 'offline') throw new OfflineError('not saved');
        return;
      }
      const id = await duplicateEntry(type, documentId, locale);
      await navigate(entryAddress.to({ uid: type.uid, documentId: id }, locale ? { locale } : {}));
    } catch (cause) {
      const { title, hint } = explainError(cause, tc);
      showToast({ message: `${title}. ${hint}`, failed: true });
    }
  };
  const copyAddress = async () => {
    const address = contentApiAddress(type, documentId ?? '', { locale });
    const copied = await copyText(address);
    showToast(copied ? { message: t('api.copied') } : { message: t('api.notCopied', { address }), failed: true });
  };
  const remove = async (which: string | undefined) => {
    const title = type.titleField ? session.store.get(type.titleField) : null;
    const { deleteWithUndo } = await import('@/views/entries/deleteWithUndo');
    await deleteWithUndo(type, documentId ?? '', {
      locale: which,
      precondition: session.seen,
      locales: session.state?.locales ?? [],
      title: typeof title === 'string' ? title : undefined,
      changed: () =>
        Promise.all([
          queries.invalidateQueries({ queryKey: ['content', type.uid] }),
          queries.invalidateQueries({ queryKey: ['deleted', type.uid] }),
        ]),
    });
    session.drop();
    await session.forget();
    await navigate({ to: '/content/$uid', params: { uid: type.uid }, ignoreBlocker: true } as never);
  };
  return (
    <Button.Group>
      {publishes && (
        <Button
          size="sm"
          loading={actions.busy === 'publish'}
          onClick={() => void actions.run('publish')}
          title={keyNames('mod+shift+P').join('+')}
        >
          {t('publish.now')}
        </Button>
      )}
      {(subject || publishes) && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon size={36} variant={publishes ? 'filled' : 'default'} aria-label={t('publish.more')}>
              <IconChevronDown {...icon} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {publishes && (
              <>
                <Menu.Item leftSection={<IconSend {...icon} />} onClick={() => void actions.run('publish')}>
                  {t('publish.now')}
                </Menu.Item>
                <Menu.Item leftSection={<IconCalendarTime {...icon} />} disabled={!subject} onClick={schedule.open}>
                  {t('publish.schedule')}
                </Menu.Item>
                <Menu.Item leftSection={<IconPackage {...icon} />} disabled={!subject} onClick={release.open}>
                  {t('publish.release')}
                </Menu.Item>
              </>
            )}
            {type.draftAndPublish && (
              <Menu.Item
                leftSection={<IconStatusChange {...icon} />}
                disabled={!subject}
                onClick={() => setSearch({ panel: 'review', preview: undefined })}
              >
                {t('publish.review')}
              </Menu.Item>
            )}
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
            {subject && (
              <>
                <Menu.Divider />
                {type.can.create && type.kind === 'collectionType' && (
                  <Menu.Item leftSection={<IconCopyPlus {...icon} />} onClick={() => void duplicate()}>
                    {t('publish.duplicate')}
                  </Menu.Item>
                )}
                <Menu.Item leftSection={<IconLink {...icon} />} onClick={() => void copyAddress()}>
                  {t('api.copyAddress')}
                </Menu.Item>
                <Menu.Item leftSection={<IconCode {...icon} />} onClick={json.open}>
                  {t('json.view')}
                </Menu.Item>
                {type.can.delete && (
                  <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={deletion.open}>
                    {t('publish.delete')}
                  </Menu.Item>
                )}
              </>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
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
        {viewingJson && documentId && (
          <JsonDialog session={session} documentId={documentId} status={status} onClose={json.close} />
        )}
        {deleting && subject && (
          <DeleteDialog
            type={type}
            documentId={subject.documentId}
            locale={locale}
            onClose={deletion.close}
            onDelete={remove}
          />
        )}
      </Suspense>
    </Button.Group>
  );
}
