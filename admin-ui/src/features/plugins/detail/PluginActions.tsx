import { Button, FileButton, Menu, Text } from '@mantine/core';
import {
  IconArrowBackUp,
  IconChevronDown,
  IconPackageImport,
  IconPlayerPause,
  IconPlayerPlay,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PluginDetail, pluginQuery, changePluginState } from '@/api/plugins';
import { useHasPermission, useUndo } from '@/features/settings';
import { FormDialog } from '@/ui/FormDialog';
import { InstallDialog } from '../install/InstallDialog';
import { UninstallDialog } from './UninstallDialog';

/** What can be done with a plugin as a whole. */
export function PluginActions({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation(['plugin', 'common']);
  const queries = useQueryClient();
  const undo = useUndo();
  const manage = useHasPermission('plugins.manage');
  const [asking, setAsking] = useState<'rollback' | 'uninstall'>();
  const [upgrade, setUpgrade] = useState<File>();
  const choose = useRef<() => void>(null);
  const turn = async (to: 'enable' | 'disable' | 'rollback'): Promise<PluginDetail> => {
    const now = await changePluginState(plugin.id, to);
    queries.setQueryData(pluginQuery(plugin.id).queryKey, now);
    // Its pages, types and rights come and go with it.
    await queries.invalidateQueries();
    return now;
  };
  const change = useMutation({
    mutationFn: turn,
    onSuccess: (now, to) => {
      setAsking(undefined);
      if (to === 'enable') undo(t('done.enabled', { name: now.name }), () => turn('disable'));
      if (to === 'disable') undo(t('done.disabled', { name: now.name }), () => turn('enable'));
      // The way back is a roll back as well, where the server has kept the version.
      if (to === 'rollback' && now.previous === plugin.version)
        undo(t('done.rolledBack', { name: now.name, version: now.version }), () => turn('rollback'));
    },
  });
  if (!manage) return null;
  const on = plugin.state === 'enabled' || plugin.state === 'upgrading';
  return (
    <>
      <FileButton accept=".cairnplugin" onChange={(file) => file && setUpgrade(file)}>
        {({ onClick }) => {
          choose.current = onClick;
          return null;
        }}
      </FileButton>
      <Menu position="bottom-end" withinPortal returnFocus>
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            loading={change.isPending}
            rightSection={<IconChevronDown size={16} aria-hidden />}
          >
            {t('manage')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {on ? (
            <Menu.Item leftSection={<IconPlayerPause size={16} aria-hidden />} onClick={() => change.mutate('disable')}>
              {t('do.disable')}
            </Menu.Item>
          ) : (
            <Menu.Item leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => change.mutate('enable')}>
              {t('do.enable')}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconPackageImport size={16} aria-hidden />} onClick={() => choose.current?.()}>
            {t('do.upgrade')}
          </Menu.Item>
          {plugin.previous !== null && (
            <Menu.Item leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => setAsking('rollback')}>
              {t('do.rollback', { version: plugin.previous })}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            onClick={() => setAsking('uninstall')}
          >
            {t('do.uninstall')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {change.error && asking === undefined && (
        <FormDialog
          title={t('manage')}
          onClose={() => change.reset()}
          onSubmit={() => change.mutate(change.variables)}
          pending={change.isPending}
          error={change.error}
          submit={t('common:retry')}
        >
          {null}
        </FormDialog>
      )}
      {asking === 'rollback' && plugin.previous !== null && (
        <FormDialog
          title={t('do.rollback', { version: plugin.previous })}
          onClose={() => setAsking(undefined)}
          onSubmit={() => change.mutate('rollback')}
          pending={change.isPending}
          error={change.error}
          submit={t('rollback.do')}
        >
          <Text size="sm">{t('rollback.text', { from: plugin.version, to: plugin.previous })}</Text>
        </FormDialog>
      )}
      {asking === 'uninstall' && <UninstallDialog plugin={plugin} onClose={() => setAsking(undefined)} />}
      {upgrade && <InstallDialog file={upgrade} onClose={() => setUpgrade(undefined)} />}
    </>
  );
}
