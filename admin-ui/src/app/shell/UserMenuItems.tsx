import { Menu } from '@mantine/core';
import { IconKeyboard, IconLanguage, IconLogout, IconMoon, IconSun, IconUser } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { refreshServerTexts } from '@/api/language';
import { saveProfile } from '@/api/me';
import { setSession, useSession } from '@/api/session';
import { LANGUAGES, type Language, switchLanguage } from '@/i18n';
import { openShortcuts } from '@/features/palette';
import { LateMenu } from '@/ui/LateMenu';
import type { MenuButton } from '@/ui/useMenuButton';
import { useAccount } from './useAccount';

/** What the menu of the person has. */
export default function UserMenuItems({ of }: { of: MenuButton }) {
  const { t, i18n } = useTranslation('frame');
  const session = useSession();
  const { me } = session;
  const queries = useQueryClient();
  const { isDark, toggleScheme, leave } = useAccount();
  const other: Language = i18n.resolvedLanguage === 'nl' ? 'en' : 'nl';

  const changeLanguage = async (): Promise<void> => {
    await switchLanguage(other);
    setSession(queries, { ...session, me: { ...me, language: other } });
    await saveProfile({ language: other });
    await refreshServerTexts(queries);
  };

  return (
    <LateMenu of={of} position="top-start" width={216} withinPortal>
      <Menu.Label>{me.email}</Menu.Label>
      <Menu.Item
        leftSection={<IconUser size={16} aria-hidden />}
        renderRoot={(props) => <Link to="/profile" {...props} />}
      >
        {t('user.profile')}
      </Menu.Item>
      <Menu.Item
        leftSection={isDark ? <IconSun size={16} aria-hidden /> : <IconMoon size={16} aria-hidden />}
        onClick={toggleScheme}
      >
        {t(isDark ? 'user.light' : 'user.dark')}
      </Menu.Item>
      <Menu.Item leftSection={<IconLanguage size={16} aria-hidden />} onClick={() => void changeLanguage()}>
        <span lang={other}>{LANGUAGES[other]}</span>
      </Menu.Item>
      <Menu.Item leftSection={<IconKeyboard size={16} aria-hidden />} onClick={openShortcuts}>
        {t('user.shortcuts')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void leave()}>
        {t('user.signOut')}
      </Menu.Item>
    </LateMenu>
  );
}
