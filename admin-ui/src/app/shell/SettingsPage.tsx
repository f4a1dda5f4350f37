import { Card, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { GROUPS, useSettingsPages } from './useSettingsPages';

/** What can be set, each with a line about it. */
export default function SettingsPage() {
  const { pages, matching, t } = useSettingsPages();
  const [search, setSearch] = useState('');
  const matches = matching(search);
  return (
    <>
      <PageTitle title={t('frame:settings.title')} />
      {pages.length === 0 && <EmptyState title={t('frame:settings.none')}>{t('frame:settings.noneHint')}</EmptyState>}
      {/* On a wide screen the list at the left has its own. */}
      <TextInput
        type="search"
        hiddenFrom="md"
        mb="sm"
        aria-label={t('frame:settings.search')}
        placeholder={t('frame:settings.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      {pages.length > 0 && matches.length === 0 && (
        <Text size="sm" c="dimmed" role="status">
          {t('frame:settings.nothing', { word: search })}
        </Text>
      )}
      <Stack gap="lg">
        {GROUPS.map((group) => {
          const inGroup = matches.filter((page) => page.group === group);
          if (inGroup.length === 0) return null;
          return (
            <section key={group} aria-labelledby={`settings-${group}`}>
              <Title order={2} size="h4" mb="xs" id={`settings-${group}`}>
                {t(`frame:settings.${group}`)}
              </Title>
              <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="sm">
                {inGroup.map((page) => (
                  <Card key={page.id} withBorder padding="sm" renderRoot={(props) => <Link to={page.to} {...props} />}>
                    <Text fw={600}>{t(page.label)}</Text>
                    <Text size="sm" c="dimmed">
                      {t(page.description)}
                    </Text>
                  </Card>
                ))}
              </SimpleGrid>
            </section>
          );
        })}
      </Stack>
    </>
  );
}
