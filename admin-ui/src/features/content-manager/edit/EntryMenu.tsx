import { ActionIcon, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCode,
  IconCopyPlus,
  IconDeviceDesktop,
  IconCheck,
  IconDots,
  IconGitCompare,
  IconLink,
  IconTrash,
} from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { OfflineError } from '@/api/client';
import { type DocumentStatus, duplicateEntry } from '@/api/content';
import { contentApiAddress } from '@/api/contentApi';
import { copyText } from '@/ui/copyText';
import { describeError } from '@/ui/explainError';
import { lazyPart } from '@/ui/lazyPart';
import { showToast } from '@/ui/toast';
import { entryAddress } from './addresses';
import classes from './Edit.module.css';
import type { EntrySession } from './session';

const JsonDialog = lazyPart(() => import('./JsonDialog'));
const DeleteDialog = lazyPart(() => import('./DeleteDialog'));

const icon = { size: 16, 'aria-hidden': true } as const;

/** What the bar has no room for on a narrow screen. */
interface NarrowActions {
  save: (() => void) | undefined;
  turn: (way: 'undo' | 'redo') => void;
  compare: (() => void) | undefined;
  preview: { open: boolean; toggle: () => void } | undefined;
}

interface EntryMenuProps {
  session: EntrySession;
  status: DocumentStatus | undefined;
  narrow: NarrowActions | undefined;
}

/** Everything that is done with an entry beside writing and publishing it. */
export function EntryMenu({ session, status, narrow }: EntryMenuProps) {
  const { t } = useTranslation('editor');
  const { t: tc } = useTranslation('common');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [deleting, deletion] = useDisclosure();
  const [viewingJson, json] = useDisclosure();
  const { type, documentId, locale } = session;
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
      showToast({ message: describeError(cause, tc), failed: true });
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
  if (!documentId && !narrow) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={36} variant="subtle" color="gray" aria-label={t('publish.more')}>
            <IconDots size={20} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown className={classes.menu}>
          {narrow?.save && (
            <Menu.Item leftSection={<IconCheck {...icon} />} onClick={narrow.save}>
              {t('save.do')}
            </Menu.Item>
          )}
          {narrow && (
            <>
              <Menu.Item leftSection={<IconArrowBackUp {...icon} />} onClick={() => narrow.turn('undo')}>
                {t('turn.undo')}
              </Menu.Item>
              <Menu.Item leftSection={<IconArrowForwardUp {...icon} />} onClick={() => narrow.turn('redo')}>
                {t('turn.redo')}
              </Menu.Item>
            </>
          )}
          {narrow?.compare && (
            <Menu.Item leftSection={<IconGitCompare {...icon} />} onClick={narrow.compare}>
              {t('diff.do')}
            </Menu.Item>
          )}
          {narrow?.preview && (
            <Menu.Item leftSection={<IconDeviceDesktop {...icon} />} onClick={narrow.preview.toggle}>
              {t(narrow.preview.open ? 'preview.hide' : 'preview.title')}
            </Menu.Item>
          )}
          {narrow && documentId && <Menu.Divider />}
          {documentId && (
            <>
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
                <>
                  <Menu.Divider />
                  <Menu.Item color="red" leftSection={<IconTrash {...icon} />} onClick={deletion.open}>
                    {t('publish.delete')}
                  </Menu.Item>
                </>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {viewingJson && documentId && (
          <JsonDialog session={session} documentId={documentId} status={status} onClose={json.close} />
        )}
        {deleting && documentId && (
          <DeleteDialog
            type={type}
            documentId={documentId}
            locale={locale}
            onClose={deletion.close}
            onDelete={remove}
          />
        )}
      </Suspense>
    </>
  );
}
