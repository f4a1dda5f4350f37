import { Box, Group, Text, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link, useMatchRoute, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import { openPalette } from '@/features/palette';
import type { NavigationEntry } from '../feature';
import { useFeatures } from '../useFeatures';
import { Brand } from '@/ui/Brand';
import { Keys } from '@/ui/Keys';
import { PartBoundary } from '@/ui/PartBoundary';
import { useShortcut } from '../shortcuts';
import lines from '../NavigationLines.module.css';
import classes from './Navigation.module.css';
import { sortByOrder, filterPermitted } from '../compose';
import { UserMenu } from './UserMenu';

/** The entries of the navigation that the person may see, and whoever they are. */
export function Navigation() {
  const { t } = useTranslation('frame');
  const { tenant, theme, permissions } = useSession();
  const features = useFeatures();
  const entries = sortByOrder(
    filterPermitted(
      features.flatMap((feature) => feature.navigation ?? []),
      permissions,
    ),
  );
  return (
    <>
      <Box className={classes.project} visibleFrom="sm">
        {theme.logo ? (
          <img src={theme.logo} alt={tenant.displayName} className={classes.logo} />
        ) : (
          <Brand name={tenant.displayName} />
        )}
      </Box>
      <Box px="xs" visibleFrom="sm">
        <UnstyledButton className={classes.search} onClick={openPalette} aria-keyshortcuts="Control+K Meta+K">
          <IconSearch size={16} aria-hidden />
          <Text size="sm" flex={1}>
            {t('palette.open')}
          </Text>
          <Keys keys="mod+K" />
        </UnstyledButton>
      </Box>
      <Box className={classes.lines} px="xs" py="xs">
        <ul className={lines.list}>
          {entries.map((entry) => (
            <NavigationItem key={entry.id} entry={entry} />
          ))}
        </ul>
        {features.map(
          (feature) =>
            feature.moreNavigation && (
              <PartBoundary key={feature.name} quiet>
                <feature.moreNavigation />
              </PartBoundary>
            ),
        )}
      </Box>
      <div className={classes.foot}>
        <UserMenu />
      </div>
    </>
  );
}

function NavigationItem({ entry }: { entry: NavigationEntry }) {
  const { t } = useTranslation(entry.label.split(':')[0]);
  const navigate = useNavigate();
  useShortcut(entry.goTo ? `g ${entry.goTo}` : '', () => void navigate({ to: entry.to }), {
    enabled: Boolean(entry.goTo),
  });
  const match = useMatchRoute();
  const elsewhere = entry.besides !== undefined && match({ to: entry.besides, fuzzy: true }) !== false;
  const Icon = entry.icon;
  return (
    <li className={lines.item}>
      <Link
        to={entry.to}
        className={lines.link}
        activeOptions={{ exact: entry.to === '/' || elsewhere, includeSearch: false }}
        activeProps={{ 'aria-current': 'page' }}
      >
        <Icon size={18} stroke={1.6} aria-hidden />
        <Group flex={1} miw={0}>
          <Text size="sm" truncate>
            {t(entry.label)}
          </Text>
        </Group>
        {entry.badge && (
          <PartBoundary quiet>
            <entry.badge />
          </PartBoundary>
        )}
      </Link>
      {entry.below && (
        <PartBoundary quiet>
          <entry.below />
        </PartBoundary>
      )}
    </li>
  );
}
