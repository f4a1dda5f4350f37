import { Card, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconPuzzle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type PluginSummary, pluginsQuery } from '@/api/plugins';
import { QueryState, StateBadge, TextLink, useHasPermission } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { InstallDialog } from './install/InstallDialog';
import { PackageDrop } from './install/PackageDrop';
import { pluginAddress } from './addresses';
import { pluginStateLabel } from './state';
import { PluginProblem } from './PluginProblem';

/** The plugins of this server; without any what they are, and what does some of it without. */
export default function PluginsPage() {
  const { t } = useTranslation(['plugins', 'plugin']);
  const plugins = useQuery(pluginsQuery);
  const manage = useHasPermission('plugins.manage');
  const [file, setFile] = useState<File>();
  return (
    <PluginsLayout>
      <QueryState query={plugins}>
        {(all) => {
          const visible = all.filter(({ state }) => state !== 'removed');
          return (
            <>
              {visible.length > 0 && (
                <Stack
                  gap="sm"
                  component="ul"
                  aria-label={t('plugins:title')}
                  m={0}
                  p={0}
                  style={{ listStyle: 'none' }}
                >
                  {visible.map((plugin) => (
                    <PluginRow key={plugin.id} plugin={plugin} />
                  ))}
                </Stack>
              )}
              {visible.length === 0 && (
                <EmptyState icon={IconPuzzle} title={t('plugins:none')}>
                  {t(manage ? 'plugins:noneManage' : 'plugins:noneHint')}
                </EmptyState>
              )}
              {manage && <PackageDrop onFile={setFile} />}
              {visible.length === 0 && <NoPluginsHint />}
            </>
          );
        }}
      </QueryState>
      {file && <InstallDialog file={file} onClose={() => setFile(undefined)} />}
    </PluginsLayout>
  );
}

function PluginsLayout({ children }: { children: React.ReactNode }) {
  const { t } = useTranslation('plugins');
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {children}
      <Text size="sm" c="dimmed">
        {t('docs')}
      </Text>
    </Stack>
  );
}

function PluginRow({ plugin }: { plugin: PluginSummary }) {
  const { t } = useTranslation('plugin');
  const { state: label, tone } = pluginStateLabel(plugin);
  return (
    <Card withBorder padding="sm" component="li">
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          <TextLink strong {...pluginAddress.to({ plugin: plugin.id })}>
            {plugin.name}
          </TextLink>{' '}
          <Text span size="sm" c="dimmed">
            {plugin.version}
          </Text>
        </Title>
        <StateBadge tone={tone}>{t(`state.${label}`)}</StateBadge>
      </Group>
      {plugin.description && <Text size="sm">{plugin.description}</Text>}
      <PluginProblem plugin={plugin} />
      {plugin.failures > 0 && (
        <div>
          <TextLink {...pluginAddress.to({ plugin: plugin.id }, { tab: 'calls' })}>
            {t('calls.count', { count: plugin.failures })}
          </TextLink>
        </div>
      )}
    </Card>
  );
}

/** What can be had without plugins. */
function NoPluginsHint() {
  const { t } = useTranslation('plugins');
  const hints = [
    ['webhooks', '/settings/webhooks'],
    ['tokens', '/settings/api-tokens'],
    ['types', '/content-types'],
  ] as const;
  return (
    <Card withBorder padding="md" component="section" aria-labelledby="meanwhile">
      <Title order={2} id="meanwhile" mb="xs">
        {t('meanwhile')}
      </Title>
      <List spacing="xs">
        {hints.map(([name, to]) => (
          <List.Item key={name}>
            <TextLink inText to={to} params={{}} search={{}}>
              {t(`${name}.name`)}
            </TextLink>{' '}
            <Text span size="sm">
              {t(`${name}.use`)}
            </Text>
          </List.Item>
        ))}
      </List>
    </Card>
  );
}
