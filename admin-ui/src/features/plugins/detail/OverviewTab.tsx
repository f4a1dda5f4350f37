import { Code, List, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import type { PluginDetail } from '@/api/plugins';
import { listAddress } from '@/features/content-manager';
import { DescriptionList, Section, TableScroll, TextLink } from '@/features/settings';
import { formatDateTime, formatList, formatNumber } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { pluginPageTarget, pluginAddress } from '../addresses';
import { shortKey } from '../state';

/** What a plugin is and has. */
export function OverviewTab({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const pages = plugin.views.flatMap((view) =>
    view.kind === 'page' && view.path !== null ? [{ ...view, path: view.path }] : [],
  );
  const others = plugin.views.filter(({ kind }) => kind !== 'page');
  const withheld = plugin.grants.filter(({ granted }) => !granted).length;
  return (
    <Stack gap="md">
      <Section title={t('overview.what')}>
        <DescriptionList
          facts={[
            [t('version'), plugin.version],
            [t('overview.id'), <Code key="id">{plugin.id}</Code>],
            [t('publisher'), plugin.publisher ? <Code key="key">{shortKey(plugin.publisher)}</Code> : t('nobody')],
            [t('license'), plugin.license],
            [t('overview.homepage'), plugin.homepage && <HomepageLink key="home" address={plugin.homepage} />],
            [t('overview.api'), plugin.api],
            [t('overview.installed'), formatDateTime(plugin.installedAt)],
            [t('overview.changed'), formatDateTime(plugin.changedAt)],
            [t('overview.previous'), plugin.previous],
            [
              t('overview.digest'),
              <Code key="digest" style={{ overflowWrap: 'anywhere' }}>
                {plugin.digest}
              </Code>,
            ],
          ]}
        />
      </Section>
      <Section title={t('overview.may')}>
        {plugin.grants.length === 0 ? (
          <Text size="sm">{t('install.asksNothing')}</Text>
        ) : (
          <List size="sm" spacing={4}>
            {plugin.grants
              .filter(({ granted }) => granted)
              .map((grant) => (
                <List.Item key={grant.index}>{grant.sentence}</List.Item>
              ))}
          </List>
        )}
        {withheld > 0 && (
          <TextLink {...pluginAddress.to({ plugin: plugin.id }, { tab: 'grants' })}>
            {t('overview.withheld', { count: withheld })}
          </TextLink>
        )}
      </Section>
      {plugin.contentTypes.length > 0 && <PluginTypes plugin={plugin} />}
      {plugin.views.length > 0 && (
        <Section title={t('overview.views')}>
          <List size="sm">
            {pages.map((page) => (
              <List.Item key={page.name}>
                {plugin.running ? (
                  <TextLink {...pluginPageTarget(plugin.id, page.path)}>{page.title}</TextLink>
                ) : (
                  page.title
                )}
              </List.Item>
            ))}
            {others.map((view) => (
              <List.Item key={view.name}>
                {view.title}{' '}
                <Text span size="sm" c="dimmed">
                  {t(`viewKind.${view.kind}`, { defaultValue: view.kind })}
                </Text>
              </List.Item>
            ))}
          </List>
        </Section>
      )}
      <PluginTriggers plugin={plugin} />
    </Stack>
  );
}

/** The author's address, as a link only where it is one of the web. */
function HomepageLink({ address }: { address: string }) {
  const web = /^https?:\/\//.test(address);
  if (!web) return <>{address}</>;
  return (
    <a href={address} target="_blank" rel="noreferrer noopener">
      {address}
    </a>
  );
}

function PluginTypes({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const known = new Set(useQuery(modelQuery).data?.contentTypes.map(({ uid }) => uid));
  return (
    <Section title={t('overview.types')}>
      <TableScroll label={t('overview.types')}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('overview.name')}</Table.Th>
              <Table.Th>{t('overview.path')}</Table.Th>
              <Table.Th ta="end">{t('overview.documents')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {plugin.contentTypes.map((type) => (
              <Table.Tr key={type.uid}>
                <Table.Td>
                  {known.has(type.uid) ? (
                    <TextLink {...listAddress.to({ uid: type.uid })}>{type.displayName}</TextLink>
                  ) : (
                    type.displayName
                  )}
                </Table.Td>
                <Table.Td>
                  <Code>{type.path}</Code>
                </Table.Td>
                <Table.Td ta="end">{formatNumber(type.documents)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Section>
  );
}

/** When it runs: changes it decides on, what it hears, what it does by itself, where it answers. */
function PluginTriggers({ plugin }: { plugin: PluginDetail }) {
  const { t } = useTranslation('plugin');
  const titleOf = (name: string): string => plugin.permissions.find((one) => one.name === name)?.title ?? name;
  const rows: { key: string; trigger: string; name: string; when: React.ReactNode }[] = [
    ...plugin.hooks.map((hook) => ({
      key: `hook ${hook.name}`,
      trigger: t(`runs.${hook.phase}`),
      name: hook.name,
      when: formatList(hook.on),
    })),
    ...plugin.subscriptions.map((one) => ({
      key: `events ${one.name}`,
      trigger: t('runs.events'),
      name: one.name,
      when: formatList(one.to),
    })),
    ...plugin.schedules.map((one) => ({
      key: `schedule ${one.job} ${one.cron}`,
      trigger: t('runs.schedule'),
      name: one.job,
      when: (
        <>
          <Code>{one.cron}</Code> {one.zone} {one.next && <RelativeTime at={one.next} />}
        </>
      ),
    })),
    ...plugin.jobs.map((job) => ({ key: `job ${job.name}`, trigger: t('runs.job'), name: job.name, when: '' })),
    ...plugin.routes.map((route) => ({
      key: `route ${route.name}`,
      trigger: t('runs.route'),
      name: route.name,
      when: (
        <>
          <Code>
            {route.method} {route.path}
          </Code>{' '}
          {formatList(route.auth.map((caller) => t(`auth.${caller}`, { defaultValue: caller })))}
          {route.permission && ` ${t('auth.permission', { permission: titleOf(route.permission) })}`}
        </>
      ),
    })),
  ];
  if (rows.length === 0) return null;
  return (
    <Section title={t('runs.title')} lead={t('runs.lead')}>
      <TableScroll label={t('runs.title')}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('runs.what')}</Table.Th>
              <Table.Th>{t('overview.name')}</Table.Th>
              <Table.Th>{t('runs.when')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.key}>
                <Table.Td>{row.trigger}</Table.Td>
                <Table.Td>{row.name}</Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{row.when}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </TableScroll>
    </Section>
  );
}
