import { Button, Group, Modal, Select, Stack, Table, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { useTargets } from '@/fields/relation/useTargets';
import { FormDialog } from '@/ui/FormDialog';
import { lazyPart } from '@/ui/lazyPart';
import type { DialogQuestion, Proposal } from './kitHost';

const FilePicker = lazyPart(() => import('@/fields/media/Picker'));

/** What a frame wants to know of somebody. */
export type PendingQuestion =
  | { kind: 'dialog'; question: DialogQuestion; done: (agreed: boolean) => void }
  | { kind: 'proposal'; fields: Proposal[]; done: (taken: boolean) => void }
  | { kind: 'pick'; target: { kind: 'document'; type: string } | { kind: 'file' }; done: (picked: unknown) => void };

/** Asks it in a dialog of ours, which says whose question it is: a frame cannot draw over the page. */
export function FrameDialogs({ pending, plugin }: { pending: PendingQuestion; plugin: string }) {
  const { t } = useTranslation(['pluginView', 'common']);
  switch (pending.kind) {
    case 'dialog':
      return (
        <FormDialog
          title={pending.question.title}
          onClose={() => pending.done(false)}
          onSubmit={() => pending.done(true)}
          submit={pending.question.confirm ?? t('common:yes')}
          danger={pending.question.danger}
        >
          <Text size="sm" style={{ whiteSpace: 'pre-line', overflowWrap: 'anywhere' }}>
            {pending.question.text}
          </Text>
          <Text size="xs" c="dimmed">
            {t('frame.asks', { name: plugin })}
          </Text>
        </FormDialog>
      );
    case 'proposal':
      return (
        <FormDialog
          title={t('frame.proposes', { name: plugin })}
          onClose={() => pending.done(false)}
          onSubmit={() => pending.done(true)}
          submit={t('frame.take')}
          size="lg"
        >
          <Table>
            <Table.Tbody>
              {pending.fields.map((field) => (
                <Table.Tr key={field.name}>
                  <Table.Th scope="row" style={{ verticalAlign: 'top' }}>
                    {field.label}
                  </Table.Th>
                  <Table.Td style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                    {typeof field.value === 'string' ? field.value : JSON.stringify(field.value)}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </FormDialog>
      );
    case 'pick':
      return pending.target.kind === 'file' ? (
        <Suspense>
          <FilePicker
            multiple={false}
            allowed={undefined}
            onClose={() => pending.done(null)}
            onPick={([file]) =>
              pending.done(file ? { documentId: file.documentId ?? null, name: file.name, mime: file.mime } : null)
            }
          />
        </Suspense>
      ) : (
        <DocumentPicker uid={pending.target.type} plugin={plugin} done={pending.done} />
      );
  }
}

function DocumentPicker({ uid, plugin, done }: { uid: string; plugin: string; done: (picked: unknown) => void }) {
  const { t } = useTranslation(['pluginView', 'common']);
  const model = useQuery(modelQuery).data;
  const type = model?.contentTypes.find((one) => one.uid === uid);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, 200);
  const [selected, setSelected] = useState<string | null>(null);
  return (
    <Modal
      opened
      onClose={() => done(null)}
      title={t('frame.pick', { type: type?.info.displayName ?? uid })}
      closeButtonProps={{ 'aria-label': t('common:close') }}
    >
      <Stack gap="sm">
        {model && type ? (
          <TargetList
            model={model}
            uid={uid}
            search={search}
            typed={typed}
            setTyped={setTyped}
            selected={selected}
            setChosen={setSelected}
          />
        ) : (
          <Text size="sm">{t('noType', { type: uid })}</Text>
        )}
        <Text size="xs" c="dimmed">
          {t('frame.asks', { name: plugin })}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => done(null)}>
            {t('common:cancel')}
          </Button>
          <Button
            disabled={selected === null}
            onClick={() => done(selected === null ? null : { contentType: uid, documentId: selected })}
          >
            {t('frame.choose')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface TargetListProps {
  model: Parameters<typeof useTargets>[0];
  uid: string;
  search: string;
  typed: string;
  setTyped: (typed: string) => void;
  selected: string | null;
  setChosen: (chosen: string | null) => void;
}

function TargetList({ model, uid, search, typed, setTyped, selected, setChosen }: TargetListProps) {
  const { t } = useTranslation('common');
  const targets = useTargets(model, uid, search, undefined, true);
  return (
    <Select
      label={t('search')}
      data={[
        ...new Map(
          (targets.data ?? []).map((item) => [item.documentId, { value: item.documentId, label: item.title }]),
        ).values(),
      ]}
      value={selected}
      onChange={setChosen}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      data-autofocus
    />
  );
}
