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
import { Link } from '@tanstack/react-router';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { isFor, pluginListAddress, usePluginViews } from '@/features/plugins';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { lazyPart } from '@/ui/lazyPart';
import { NEW_VIEW, viewEditAddress } from '../addresses';
import type { SavedViewsState } from './useSavedViews';

const NameDialog = lazyPart(() => import('./NameDialog'));

/** Views under a name: one's own, and those that others share. */
export function SavedViews({ type, saved }: { type: ContentType; saved: SavedViewsState }) {
  const { t } = useTranslation(['list', 'common']);
  const { views, current, failed } = saved;
  const [naming, setNaming] = useState(false);
  const ofPlugins = usePluginViews().filter((view) => isFor(view, 'list', type.uid));
  return (
    <>
      <Menu position="bottom-end" withinPortal returnFocus>
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconBookmark size={16} aria-hidden />}
            title={t('list:saved.title')}
            data-folds="first"
          >
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
              disabled={!saved.canOpen(view)}
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
              onClick={() => saved.open(view)}
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
            <Menu.Item leftSection={<IconDeviceFloppy size={16} aria-hidden />} onClick={saved.update}>
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
            <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={saved.remove}>
              {t('list:saved.delete', { name: current.name })}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {failed && <ErrorMessage error={failed} />}
      <Suspense>{naming && <NameDialog save={saved.save} close={() => setNaming(false)} />}</Suspense>
    </>
  );
}
