import { MantineProvider } from '@mantine/core';
import { QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { preferencesQuery } from '@/api/preferences';
import { sessionQuery } from '@/api/session';
import { features } from './features';
import { queries } from './queries';
import { router } from './router';
import { deviceDensity, readDensity, readShortcuts, rememberDensity } from './appearance';
import { setDocumentSuffix } from '@/ui/documentTitle';
import { setFavicon } from './favicon';
import { FeaturesProvider } from './useFeatures';
import { LiveRegion } from '@/ui/live';
import { ShortcutsEnabled } from './shortcuts';
import { styleNonce } from '@/ui/styleNonce';
import { contrastVariables, themeOf } from '@/ui/theme';
import { Toasts } from '@/ui/toast';

/** The application: what every page stands on, and the page that the address names. */
export function App() {
  return (
    <QueryClientProvider client={queries}>
      <AppTheme>
        <FeaturesProvider value={features}>
          <RouterProvider router={router} />
        </FeaturesProvider>
      </AppTheme>
    </QueryClientProvider>
  );
}

/** Colours and density: those of the project and of whoever is signed in; until that is known, those this device had last. */
function AppTheme({ children }: { children: React.ReactNode }) {
  const session = useQuery(sessionQuery).data;
  const preferences = useQuery({ ...preferencesQuery, enabled: session?.signedIn === true }).data;
  const density = preferences ? readDensity(preferences['appearance.density']) : deviceDensity();
  const accent = session?.theme.accent;
  const theme = useMemo(() => themeOf(accent, density), [accent, density]);
  useEffect(() => rememberDensity(density), [density]);
  useEffect(() => {
    if (!session) return;
    setDocumentSuffix(session.tenant.displayName);
    setFavicon(session.theme.favicon);
  }, [session]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={contrastVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <ShortcutsEnabled enabled={readShortcuts(preferences?.['shortcuts.enabled'])}>
        {children}
        <Toasts />
        <LiveRegion />
      </ShortcutsEnabled>
    </MantineProvider>
  );
}
