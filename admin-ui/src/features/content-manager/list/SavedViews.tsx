import { Badge, Button, Checkbox, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconBookmark, IconBookmarkPlus, IconDeviceFloppy, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeView, createView, deleteView, type SavedView, savedViewsQuery, type ViewDraft } from '@/api/views';
import type { ContentType } from '@/api/model';
import { ErrorMessage } from '@/ui/ErrorMessage';
import type { ListSearch } from '../routes';
import { definitionOf, searchOf } from './savedView';
import { useModel } from './useModel';
import type { ListState } from './useListState';

/** Everything of an address, to be put aside when a view is opened. */
const NOTHING: ListSearch = {
  view: undefined, q: undefined, sort: undefined, filters: undefined, locale: undefined, status: undefined, columns: undefined, group: undefined,
  date: undefined, cover: undefined, saved: undefined,
};

/** Views under a name: one's own, and those that others share. */
export function SavedViews({ type, state }: { type: ContentType; state: ListState }) {
  const { t } = useTranslation(['list', 'common']);
  const { model } = useModel();
  const queries = useQueryClient();
  const query = savedViewsQuery(type.uid);
  const { data: views, error } = useQuery(query);
  const [naming, setNaming] = useState(false);
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: query.queryKey });
  const draft = (view: Pick<ViewDraft, 'name' | 'shared'>): ViewDraft => ({
    type: type.uid,
    name: view.name,
    shared: view.shared,
    definition: { ...definitionOf(type, state) },
  });
  const update = useMutation({ mutationFn: (view: SavedView) => changeView(view.id, draft(view)), onSuccess: changed });
  const remove = useMutation({ mutationFn: (view: SavedView) => deleteView(view.id), onSuccess: changed });
  const current = views?.find(({ id }) => id === state.search.saved);
  const open = (view: SavedView): void => {
    const search = model && searchOf(view.definition, model, view.id);
    if (search) state.set({ ...NOTHING, ...search });
  };
  const failed = error ?? update.error ?? remove.error;
  return (
    <>
      <Menu position="bottom-end" withinPortal returnFocus>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
            {current?.name ?? t('list:saved.title')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown maw={340}>
          {views?.length === 0 && (
            <Text size="sm" c="dimmed" px="sm" py="xs">
              {t('list:saved.none')}
            </Text>
          )}
          {views?.map((view) => (
            <Menu.Item
              key={view.id}
              disabled={!model || searchOf(view.definition, model, view.id) === undefined}
              aria-current={view === current ? 'true' : undefined}
              rightSection={view.shared && <Badge size="xs" variant="default">{t('list:saved.sharedBadge')}</Badge>}
              onClick={() => open(view)}
            >
              {view.name}
            </Menu.Item>
          ))}
          {(views?.length ?? 0) > 0 && <Menu.Divider />}
          {current?.own && (
            <Menu.Item leftSection={<IconDeviceFloppy size={16} aria-hidden />} onClick={() => update.mutate(current)}>
              {t('list:saved.update', { name: current.name })}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconBookmarkPlus size={16} aria-hidden />} onClick={() => setNaming(true)}>
            {t('list:saved.save')}
          </Menu.Item>
          {current?.own && (
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => remove.mutate(current, { onSuccess: () => state.set({ saved: undefined }) })}>
              {t('list:saved.delete', { name: current.name })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {failed && <ErrorMessage error={failed} />}
      {naming && (
        <NameDialog
          save={async (view) => {
            const made = await createView(draft(view));
            await changed();
            state.set({ saved: made.id });
          }}
          close={() => setNaming(false)}
        />
      )}
    </>
  );
}

function NameDialog({ save, close }: { save: (view: { name: string; shared: boolean }) => Promise<void>; close: () => void }) {
  const { t } = useTranslation(['list', 'common']);
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const saving = useMutation({ mutationFn: save, onSuccess: close });
  return (
    <Modal opened onClose={close} title={t('list:saved.save')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) saving.mutate({ name: name.trim(), shared });
        }}
      >
        <Stack gap="sm">
          <TextInput label={t('list:saved.name')} value={name} maxLength={100} data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
          <Checkbox label={t('list:saved.shared')} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          {saving.error && <ErrorMessage error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('common:cancel')}
            </Button>
            <Button type="submit" loading={saving.isPending} disabled={!name.trim()}>
              {t('common:save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
