import { Badge, Button, Menu, Text } from '@mantine/core';
import {
  IconBookmark,
  IconBookmarkPlus,
  IconDeviceFloppy,
  IconForms,
  IconLayoutDashboard,
  IconPuzzle,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeView, createView, deleteView, type SavedView, savedViewsQuery, type ViewDraft } from '@/api/views';
import type { ContentType } from '@/api/model';
import { isFor, pluginListAddress, usePluginViews } from '@/features/plugins';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { useWorkflow } from '@/views/review/useWorkflow';
import { type ListSearch, NEW_VIEW, viewEditAddress, viewAddress } from '../addresses';
import { definitionOf, searchOf } from './savedView';
import { useModel } from './useModel';
import type { ListState } from './useListState';

const NameDialog = lazyPart(() => import('./NameDialog'));

/** Everything of an address, to be put aside when a view is opened. */
const EMPTY_SEARCH: ListSearch = {
  view: undefined,
  q: undefined,
  sort: undefined,
  filters: undefined,
  locale: undefined,
  status: undefined,
  columns: undefined,
  group: undefined,
  standing: undefined,
  stage: undefined,
  assignee: undefined,
  due: undefined,
  date: undefined,
  end: undefined,
  scale: undefined,
  cover: undefined,
  parent: undefined,
  saved: undefined,
};

/** A form and a dashboard have pages of their own. */
function hasOwnPage({ definition }: SavedView): boolean {
  return definition.kind === 'form' || definition.kind === 'dashboard';
}

/** Views under a name: one's own, and those that others share. */
export function SavedViews({ type, state }: { type: ContentType; state: ListState }) {
  const { t } = useTranslation(['list', 'common']);
  const { model } = useModel();
  const queries = useQueryClient();
  const query = savedViewsQuery(type.uid);
  const { data: views, error } = useQuery(query);
  const [naming, setNaming] = useState(false);
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['views'] });
  const draft = (view: Pick<ViewDraft, 'name' | 'shared'>): ViewDraft => ({
    type: type.uid,
    name: view.name,
    shared: view.shared,
    definition: { ...definitionOf(type, state, staged) },
  });
  const update = useMutation({ mutationFn: (view: SavedView) => changeView(view.id, draft(view)), onSuccess: changed });
  const remove = useMutation({ mutationFn: (view: SavedView) => deleteView(view.id), onSuccess: changed });
  const current = views?.find(({ id }) => id === state.search.saved);
  const staged = useWorkflow(type) !== undefined;
  const navigate = useNavigate();
  const ofPlugins = usePluginViews().filter((view) => isFor(view, 'list', type.uid));
  const open = (view: SavedView): void => {
    if (hasOwnPage(view)) {
      void navigate(viewAddress.to({ id: String(view.id) }));
      return;
    }
    const search = model && searchOf(view.definition, model, view.id);
    if (search) state.set({ ...EMPTY_SEARCH, ...search });
  };
  const failed = error ?? update.error ?? remove.error;
  return (
    <>
      <Menu position="bottom-end" withinPortal returnFocus>
        <Menu.Target>
          <Button variant="default" leftSection={<IconBookmark size={16} aria-hidden />}>
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
              disabled={!model || (!hasOwnPage(view) && searchOf(view.definition, model, view.id) === undefined)}
              leftSection={
                view.definition.kind === 'form' ? (
                  <IconForms size={16} aria-hidden />
                ) : view.definition.kind === 'dashboard' ? (
                  <IconLayoutDashboard size={16} aria-hidden />
                ) : undefined
              }
              aria-current={view === current ? 'true' : undefined}
              rightSection={
                view.shared && (
                  <Badge size="xs" variant="default">
                    {t('list:saved.sharedBadge')}
                  </Badge>
                )
              }
              onClick={() => open(view)}
            >
              {view.name}
            </Menu.Item>
          ))}
          {ofPlugins.map((view) => (
            <Menu.Item
              key={`${view.plugin} ${view.name}`}
              leftSection={<IconPuzzle size={16} aria-hidden />}
              renderRoot={(props) => (
                <Link {...pluginListAddress.to({ uid: type.uid, plugin: view.plugin, view: view.name })} {...props} />
              )}
            >
              {view.title}
            </Menu.Item>
          ))}
          {(views?.length ?? 0) + ofPlugins.length > 0 && <Menu.Divider />}
          {current?.own && (
            <Menu.Item leftSection={<IconDeviceFloppy size={16} aria-hidden />} onClick={() => update.mutate(current)}>
              {t('list:saved.update', { name: current.name })}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconBookmarkPlus size={16} aria-hidden />} onClick={() => setNaming(true)}>
            {t('list:saved.save')}
          </Menu.Item>
          {type.can.create && (
            <Menu.Item
              leftSection={<IconForms size={16} aria-hidden />}
              renderRoot={(props) => (
                <Link {...viewEditAddress.to({ id: NEW_VIEW }, { kind: 'form', type: type.uid })} {...props} />
              )}
            >
              {t('list:saved.form')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconLayoutDashboard size={16} aria-hidden />}
            renderRoot={(props) => (
              <Link {...viewEditAddress.to({ id: NEW_VIEW }, { kind: 'dashboard', type: type.uid })} {...props} />
            )}
          >
            {t('list:saved.dashboard')}
          </Menu.Item>
          {current?.own && (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => remove.mutate(current, { onSuccess: () => state.set({ saved: undefined }) })}
            >
              {t('list:saved.delete', { name: current.name })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {failed && <ErrorMessage error={failed} />}
      <Suspense>
        {naming && (
          <NameDialog
            save={async (view) => {
              const created = await createView(draft(view));
              await changed();
              state.set({ saved: created.id });
            }}
            close={() => setNaming(false)}
          />
        )}
      </Suspense>
    </>
  );
}
