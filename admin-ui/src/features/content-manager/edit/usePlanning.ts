import { useState } from 'react';
import { OfflineError } from '@/api/client';
import type { EntrySession } from './session';

interface Planning {
  busy: boolean;
  error: unknown;
  run: (plan: () => Promise<void>) => Promise<void>;
}

/** Plans something for an entry, from a dialog: what is typed is saved first, and where that does not work the dialog is left for it. */
export function usePlanning(session: EntrySession, onClose: () => void): Planning {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const run = async (plan: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      if (await session.flush('asked')) await plan();
      // A conflict and a refusal are shown by the page behind the dialog.
      else if (session.save.is === 'offline') throw new OfflineError('not saved');
      onClose();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
