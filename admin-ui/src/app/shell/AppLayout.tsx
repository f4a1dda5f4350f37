import { Box, Burger, Center, Group, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useRouter } from '@tanstack/react-router';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { sessionQuery, useSession } from '@/api/session';
import { isLanguage, switchLanguage } from '@/i18n';
import { openPalette, Palette } from '@/features/palette';
import { SetupPage, SignInAgain, SignInPage } from '@/features/sign-in';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import classes from './AppLayout.module.css';
import { Navigation } from './Navigation';
import { OfflineBanner } from './OfflineBanner';
import { RoutePending } from './RoutePending';
import { SkipLink } from './SkipLink';

/** The application around its pages, for who is signed in; who is not signs in at the same address. */
export function AppLayout() {
  const session = useQuery(sessionQuery);
  if (session.isPending) {
    return (
      <DelayedContent>
        <Center h="100vh" p="md">
          <RoutePending />
        </Center>
      </DelayedContent>
    );
  }
  if (!session.data) {
    return (
      <Center mih="100vh" p="md">
        <ErrorMessage error={session.error} retry={() => void session.refetch()} />
      </Center>
    );
  }
  if (session.data.setupNeeded) return <SetupPage />;
  if (!session.data.signedIn) return <SignInPage />;
  return <AppFrame />;
}

function AppFrame() {
  const { t, i18n } = useTranslation('frame');
  const { me, tenant } = useSession();
  const [open, menu] = useDisclosure();
  const router = useRouter();
  const close = menu.close;
  // On a phone the menu covers the page that was just chosen.
  useEffect(() => router.subscribe('onBeforeNavigate', close), [router, close]);
  useEffect(() => {
    if (isLanguage(me.language) && me.language !== i18n.resolvedLanguage) void switchLanguage(me.language);
  }, [me.language, i18n]);
  return (
    <>
      <SkipLink />
      <div className={classes.app}>
        <Box component="header" className={classes.header} hiddenFrom="sm">
          <Group h="100%" px="sm" justify="space-between" wrap="nowrap">
            <Group gap="xs" wrap="nowrap" miw={0}>
              <Burger opened={open} onClick={menu.toggle} size="sm" aria-label={t(open ? 'menu.close' : 'menu.open')} />
              <Text fw={600} truncate>
                {tenant.displayName}
              </Text>
            </Group>
            <UnstyledButton className={classes.search} onClick={openPalette} aria-label={t('palette.open')}>
              <IconSearch size={20} aria-hidden />
            </UnstyledButton>
          </Group>
        </Box>
        <nav className={classes.navbar} data-open={open ? '' : undefined} aria-label={t('menu.title')}>
          <Navigation />
        </nav>
        <main id="main" tabIndex={-1} className={classes.main}>
          <OfflineBanner />
          <div className={classes.page}>
            <Suspense
              fallback={
                <DelayedContent>
                  <RoutePending />
                </DelayedContent>
              }
            >
              <Outlet />
            </Suspense>
          </div>
        </main>
      </div>
      <Palette />
      <SignInAgain />
    </>
  );
}
