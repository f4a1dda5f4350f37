import { useRouter } from '@tanstack/react-router';
import { Suspense, useEffect } from 'react';
import { useSession } from '@/api/session';
import { lazyPart } from '@/ui/lazyPart';
import { useShortcut } from '@/app/shortcuts';
import { remember } from './recent';
import { closeShown, openPalette, openShortcuts, useShown } from './store';

const PaletteDialog = lazyPart(() => import('./PaletteDialog'));
const ShortcutSheet = lazyPart(() => import('./ShortcutSheet'));

/** The palette and the sheet of shortcuts, fetched when they are first asked for, and the keys that ask. */
export function Palette() {
  const shown = useShown();
  const router = useRouter();
  const { me } = useSession();
  useShortcut('mod+K', () => (shown === 'palette' ? closeShown() : openPalette()));
  useShortcut('?', openShortcuts);
  useEffect(() => {
    // By then the page has named the document.
    const note = (): unknown => setTimeout(() => remember(me.id, router.state.location.href, document.title), 1_000);
    note();
    return router.subscribe('onResolved', ({ pathChanged }) => {
      if (pathChanged) note();
    });
  }, [router, me.id]);
  return (
    <Suspense>
      {shown === 'palette' && <PaletteDialog onClose={closeShown} />}
      {shown === 'shortcuts' && <ShortcutSheet onClose={closeShown} />}
    </Suspense>
  );
}
