import { Button, Code, CopyButton, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentStatus } from '@/api/content';
import { contentApiAddress, readEntryText } from '@/api/contentApi';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { shortcutOf } from '@/ui/keys';
import classes from './JsonDialog.module.css';
import type { EntrySession } from './session';
import { toApiResponse } from './toApiResponse';

interface JsonDialogProps {
  session: EntrySession;
  documentId: string;
  status: DocumentStatus | undefined;
  onClose: () => void;
}

type Shown = 'draft' | 'published';

/** The entry as the content API returns it, with the request that returns it. */
export default function JsonDialog({ session, documentId, status, onClose }: JsonDialogProps) {
  const { t } = useTranslation('editor');
  const { t: tf } = useTranslation('fields');
  const { model, type, locale } = session;
  const [shown, setShown] = useState<Shown>(status === 'draft' ? 'draft' : 'published');
  const version = { locale, status: type.draftAndPublish ? shown : undefined };
  const address = contentApiAddress(type, documentId, { ...version, populate: '*' });
  const json = useQuery({
    queryKey: ['entry-json', type.uid, documentId, locale ?? '', shown],
    staleTime: 0,
    gcTime: 0,
    queryFn: async ({ signal }) => {
      // What is on the page is what is meant; what has no draft would be public with it.
      if (session.autosaves) await session.flush('asked');
      return toApiResponse(model, type, await readEntryText(type, documentId, version, signal));
    },
  });
  return (
    <Modal
      opened
      onClose={onClose}
      size="56rem"
      title={t('json.title')}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      <Stack gap="sm">
        {type.draftAndPublish && status !== undefined && status !== 'draft' && (
          <SegmentedControl
            size="xs"
            className={classes.choice}
            aria-label={t('json.version')}
            value={shown}
            onChange={(value) => setShown(value as Shown)}
            data={(['published', 'draft'] as const).map((value) => ({ value, label: tf(`status.${value}`) }))}
          />
        )}
        <Group gap="xs" align="start">
          <Code block className={classes.address}>
            GET {address}
          </Code>
          <Copy text={address} label={t('json.copyAddress')} />
        </Group>
        <Text size="sm" c="dimmed">
          {t('json.note')}
        </Text>
        {json.isError && <ErrorMessage error={json.error} retry={() => void json.refetch()} />}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- what is selected by keys is in it */}
        <pre
          className={classes.json}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keys
          tabIndex={0}
          role="region"
          aria-label={t('json.region')}
          aria-busy={json.isFetching}
          onKeyDown={selectAll}
        >
          {json.data}
        </pre>
        <Group justify="flex-end">
          <Copy text={json.data} label={t('json.copy')} />
          <Button size="xs" variant="default" onClick={onClose}>
            {t('close')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Copy({ text, label }: { text: string | undefined; label: string }) {
  const { t } = useTranslation('common');
  return (
    <CopyButton value={text ?? ''}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant="default"
          disabled={text === undefined}
          leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          onClick={copy}
        >
          {copied ? t('copied') : label}
        </Button>
      )}
    </CopyButton>
  );
}

/** All of the JSON, and nothing around it. */
function selectAll(event: KeyboardEvent<HTMLElement>): void {
  if (!shortcutOf(event.nativeEvent, 'mod+A')) return;
  event.preventDefault();
  window.getSelection()?.selectAllChildren(event.currentTarget);
}
