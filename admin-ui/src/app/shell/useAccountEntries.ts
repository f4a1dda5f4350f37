import { IconKeyboard, IconLogout, IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { openShortcuts } from '@/features/palette';
import type { DrawnPaletteEntry } from '../feature';
import { useAccount } from './useAccount';

/** The commands of the person's menu, for the palette. */
export function useAccountEntries(): DrawnPaletteEntry[] {
  const { t } = useTranslation('frame');
  const { isDark, toggleScheme, leave } = useAccount();
  return [
    {
      id: 'scheme',
      group: 'actions',
      title: t(isDark ? 'user.light' : 'user.dark'),
      keywords: t('user.schemeWords'),
      icon: isDark ? IconSun : IconMoon,
      run: toggleScheme,
    },
    {
      id: 'shortcuts',
      group: 'actions',
      title: t('user.shortcuts'),
      keywords: t('user.shortcutsWords'),
      icon: IconKeyboard,
      run: openShortcuts,
    },
    {
      id: 'sign-out',
      group: 'actions',
      title: t('user.signOut'),
      keywords: t('user.signOutWords'),
      icon: IconLogout,
      run: leave,
    },
  ];
}
