import { Box, NavLink, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { useFeatures } from '@/ui/frame';
import { byOrder, visible } from '@/ui/compose';
import classes from './SettingsLayout.module.css';

const GROUPS = ['project', 'people', 'publishing', 'integrations', 'operations'] as const;

/** The settings: what can be set, found by word, and the page that is open. */
export function SettingsLayout() {
  const pages = visible(useFeatures().flatMap((feature) => feature.settings ?? []), useSession().permissions);
  const { t } = useTranslation(['frame', ...new Set(pages.map((page) => page.label.split(':')[0] ?? 'frame'))]);
  const { pathname } = useLocation();
  const [word, setWord] = useState('');
  const found = pages.filter((page) =>
    `${t(page.label)} ${t(page.description)}`.toLocaleLowerCase().includes(word.trim().toLocaleLowerCase()),
  );
  return (
    <div className={classes.layout}>
      <nav className={classes.menu} aria-label={t('settings.title')}>
        <TextInput
          type="search"
          aria-label={t('settings.search')}
          placeholder={t('settings.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={word}
          onChange={(event) => setWord(event.currentTarget.value)}
        />
        {found.length === 0 && (
          <Text size="sm" c="dimmed" role="status">
            {t('settings.nothing', { word })}
          </Text>
        )}
        {GROUPS.map((group) => {
          const inGroup = byOrder(found.filter((page) => page.group === group));
          if (inGroup.length === 0) return null;
          return (
            <Stack key={group} gap={0}>
              <Text size="xs" fw={600} c="dimmed" px="xs" pb={4} component="h2">
                {t(`settings.${group}`)}
              </Text>
              {inGroup.map((page) => {
                const Icon = page.icon;
                const current = pathname === page.to || pathname.startsWith(`${page.to}/`);
                return (
                  <NavLink
                    key={page.id}
                    label={t(page.label)}
                    leftSection={Icon && <Icon size={16} aria-hidden />}
                    active={current}
                    aria-current={current ? 'page' : undefined}
                    className={classes.link}
                    renderRoot={(props) => <Link to={page.to} {...props} />}
                  />
                );
              })}
            </Stack>
          );
        })}
      </nav>
      <Box miw={0} flex={1}>
        <Outlet />
      </Box>
    </div>
  );
}
