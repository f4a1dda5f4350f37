import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession } from '@/api/session';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import { useShortcut } from '@/app/shortcuts';
import { saveVisit } from './recent';
import { closeOverlay, openPalette, openShortcuts, useOverlay } from './store';

const PaletteDialog = lazyPart(() => import('./PaletteDialog'));
const ShortcutSheet = lazyPart(() => import('./ShortcutSheet'));

/** The palette and the sheet of shortcuts, fetched when they are first asked for, and the keys that ask. */
export function Palette() {
  const overlay = useOverlay();
  const router = useRouter();
  const { me } = useSession();
  useShortcut('mod+K', () => (overlay === 'palette' ? closeOverlay() : openPalette()));
  useShortcut('?', openShortcuts);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const note = () => {
      clearTimeout(timer);
      // By then the page has named the document.
      timer = setTimeout(() => saveVisit(me.id, router.state.location.href, document.title), 1_000);
    };
    note();
    const leave = router.subscribe('onResolved', ({ pathChanged }) => {
      if (pathChanged) note();
    });
    return () => {
      clearTimeout(timer);
      leave();
    };
  }, [router, me.id]);
  return (
    <PartBoundary closeDialog={closeOverlay}>
      {overlay === 'palette' && <PaletteDialog onClose={closeOverlay} />}
      {overlay === 'shortcuts' && <ShortcutSheet onClose={closeOverlay} />}
    </PartBoundary>
  );
}
