import { Box, Button, NavLink, Stack, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconSearch } from '@tabler/icons-react';
import { Link, Outlet, useLocation } from '@tanstack/react-router';
import i18next from 'i18next';
import { useState } from 'react';
import type { Feature, SettingsPage } from '../feature';
import { settingsAddress } from './addresses';
import classes from './SettingsLayout.module.css';
import { GROUPS, useSettingsPages } from './useSettingsPages';

/**
 * Fetches the texts of all settings, by which the layout calls them, and answers with it: texts that came later would take the page away that somebody
 * is reading.
 */
export async function loadLayout(features: readonly Feature[]): Promise<{ default: typeof SettingsLayout }> {
  const pages = features.flatMap((feature) => feature.settings ?? []);
  await i18next.loadNamespaces(pages.map(({ label }) => label.split(':')[0] ?? 'frame'));
  return { default: SettingsLayout };
}

/** The settings: what can be set, found by word, and the page that is open. On a narrow screen the list is folded into a line that says where one is. */
export function SettingsLayout() {
  const { pages, matching, t } = useSettingsPages();
  const { pathname } = useLocation();
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState(false);
  const isCurrent = (page: SettingsPage): boolean => pathname === page.to || pathname.startsWith(`${page.to}/`);
  const current = pages.find(isCurrent);
  const matches = matching(search);
  const leave = (): void => {
    setOpen(false);
    setSearch('');
  };
  return (
    <div className={classes.layout}>
      {/* Before one is chosen, all stand on the page itself. */}
      <nav
        className={classes.menu}
        aria-label={t('frame:settings.title')}
        data-folded={pathname === settingsAddress.path || undefined}
      >
        <Button
          variant="default"
          fullWidth
          justify="space-between"
          rightSection={
            <IconChevronDown size={16} aria-hidden className={classes.chevron} data-open={open || undefined} />
          }
          aria-expanded={open}
          aria-controls="settings-pages"
          onClick={() => setOpen(!open)}
          className={classes.fold}
        >
          {current ? t('frame:settings.current', { name: t(current.label) }) : t('frame:settings.choose')}
        </Button>
        <div
          id="settings-pages"
          className={classes.pages}
          data-open={open || undefined}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && open) setOpen(false);
          }}
          role="presentation"
        >
          <TextInput
            type="search"
            aria-label={t('frame:settings.search')}
            placeholder={t('frame:settings.search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          {matches.length === 0 && (
            <Text size="sm" c="dimmed" role="status">
              {t('frame:settings.nothing', { word: search })}
            </Text>
          )}
          {GROUPS.map((group) => {
            const inGroup = matches.filter((page) => page.group === group);
            if (inGroup.length === 0) return null;
            return (
              <Stack key={group} gap={0}>
                <Text size="xs" fw={500} c="dimmed" px="xs" pb={4} component="h2">
                  {t(`frame:settings.${group}`)}
                </Text>
                {inGroup.map((page) => {
                  const Icon = page.icon;
                  const here = isCurrent(page);
                  return (
                    <NavLink
                      key={page.id}
                      label={t(page.label)}
                      leftSection={Icon && <Icon size={16} aria-hidden />}
                      active={here}
                      aria-current={here ? 'page' : undefined}
                      className={classes.link}
                      onClick={leave}
                      renderRoot={(props) => <Link to={page.to} {...props} />}
                    />
                  );
                })}
              </Stack>
            );
          })}
        </div>
      </nav>
      <Box miw={0} flex={1}>
        <Outlet />
      </Box>
    </div>
  );
}
