import { Card, List, Stack, Text, Title } from '@mantine/core';
import { IconPuzzle, IconPuzzleOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Plugin, pluginsQuery } from '@/api/plugins';
import { isAbsent } from '@/api/there';
import { QueryState, StateBadge, TextLink } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';

/** The plugins of this server; without any what they are, and what does the same today. */
export default function PluginsPage() {
  const { t } = useTranslation('plugins');
  const plugins = useQuery(pluginsQuery);
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      {isAbsent(plugins.error) ? (
        <>
          <EmptyState icon={IconPuzzleOff} title={t('absent')}>
            {t('absentHint')}
          </EmptyState>
          <Meanwhile />
        </>
      ) : (
        <QueryState query={plugins}>
          {(all) =>
            all.length === 0 ? (
              <>
                <EmptyState icon={IconPuzzle} title={t('none')}>
                  {t('noneHint')}
                </EmptyState>
                <Meanwhile />
              </>
            ) : (
              <Stack gap="sm" component="ul" aria-label={t('title')} m={0} p={0} style={{ listStyle: 'none' }}>
                {all.map((plugin) => (
                  <Line key={plugin.name} plugin={plugin} />
                ))}
              </Stack>
            )
          }
        </QueryState>
      )}
      <Text size="sm" c="dimmed">
        {t('docs')}
      </Text>
    </Stack>
  );
}

function Line({ plugin }: { plugin: Plugin }) {
  const { t } = useTranslation('plugins');
  return (
    <Card withBorder padding="sm" component="li">
      <Title order={2} size="h4">
        {plugin.displayName ?? plugin.name}{' '}
        {plugin.version && (
          <Text span size="sm" c="dimmed">
            {plugin.version}
          </Text>
        )}{' '}
        {plugin.enabled !== undefined && <StateBadge tone={plugin.enabled ? 'good' : 'off'}>{t(plugin.enabled ? 'on' : 'off')}</StateBadge>}
      </Title>
      {plugin.description && <Text size="sm">{plugin.description}</Text>}
    </Card>
  );
}

/** What can be had without plugins. */
function Meanwhile() {
  const { t } = useTranslation('plugins');
  const ways = [
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
        {ways.map(([name, to]) => (
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
