import { Group, Stack, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type PluginDetail, pluginQuery } from '@/api/plugins';
import { isAbsent } from '@/api/routeExists';
import { QueryState, StateBadge, TextLink } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { lazyPart } from '@/ui/lazyPart';
import { PageTitle } from '@/ui/PageTitle';
import { PartBoundary } from '@/ui/PartBoundary';
import { type PluginTab, pluginAddress, pluginsAddress } from '../addresses';
import { pluginStateLabel } from '../state';
import { PluginProblem } from '../PluginProblem';
import { GrantsTab } from './GrantsTab';
import { PluginActions } from './PluginActions';
import { OverviewTab } from './OverviewTab';

// Only when they are opened: what a plugin is shows without them.
const SettingsTab = lazyPart(async () => ({ default: (await import('./SettingsTab')).SettingsTab }));
const HealthTab = lazyPart(async () => ({ default: (await import('./HealthTab')).HealthTab }));
const LogTab = lazyPart(async () => ({ default: (await import('./LogTab')).LogTab }));
const CallsTab = lazyPart(async () => ({ default: (await import('./CallsTab')).CallsTab }));

/** One plugin: what it has, may do, is set to; how it does and what it says. */
export default function PluginPage() {
  const { t } = useTranslation(['plugin', 'plugins']);
  const { plugin: id } = pluginAddress.useParams();
  const plugin = useQuery(pluginQuery(id));
  return (
    <Stack gap="md" maw={960}>
      <div>
        <TextLink {...pluginsAddress.to({})}>{t('plugins:title')}</TextLink>
      </div>
      {isAbsent(plugin.error) ? (
        <>
          <PageTitle title={id} />
          <EmptyState title={t('plugin:gone')}>{t('plugin:goneHint')}</EmptyState>
        </>
      ) : (
        <QueryState query={plugin}>{(found) => <PluginTabs plugin={found} />}</QueryState>
      )}
    </Stack>
  );
}

function PluginTabs({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const { tab = 'overview' } = pluginAddress.useSearch();
  const setSearch = pluginAddress.useSetSearch();
  const { state, tone } = pluginStateLabel(plugin);
  const tabs: PluginTab[] = [
    'overview',
    'grants',
    ...(plugin.hasSettings || plugin.secrets.length > 0 ? (['settings'] as const) : []),
    'health',
    'log',
    'calls',
  ];
  const open = tabs.includes(tab) ? tab : 'overview';
  return (
    <>
      <PageTitle
        title={plugin.name}
        actions={
          <Group gap="sm">
            <StateBadge tone={tone}>{t(`state.${state}`)}</StateBadge>
            <PluginActions plugin={plugin} />
          </Group>
        }
      >
        {plugin.description && (
          <Text size="sm" c="dimmed">
            {plugin.description}
          </Text>
        )}
      </PageTitle>
      <PluginProblem plugin={plugin} />
      {plugin.upgrade && (
        <Text size="sm" role="status">
          {t('upgrading', { version: plugin.upgrade.version })} {plugin.upgrade.progress}
        </Text>
      )}
      <Tabs
        value={open}
        onChange={(value) =>
          setSearch({
            tab: value === 'overview' ? undefined : (value as PluginTab),
            level: undefined,
            q: undefined,
            live: undefined,
            kind: undefined,
            call: undefined,
          })
        }
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`tab.${name}`)}
              {name === 'calls' && plugin.failures > 0 ? ` (${plugin.failures})` : ''}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <OverviewTab plugin={plugin} />
        </Tabs.Panel>
        <Tabs.Panel value="grants">
          <GrantsTab plugin={plugin} />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <PartBoundary>
            <SettingsTab plugin={plugin} />
          </PartBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="health">
          <PartBoundary>
            <HealthTab plugin={plugin} />
          </PartBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <PartBoundary>
            <LogTab plugin={plugin.id} />
          </PartBoundary>
        </Tabs.Panel>
        <Tabs.Panel value="calls">
          <PartBoundary>
            <CallsTab plugin={plugin.id} />
          </PartBoundary>
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
