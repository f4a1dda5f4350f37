import { useRef, useState } from 'react';
import type { ContentType } from '@/api/model';
import { announce } from '@/ui/live';
import { useEntriesChanged } from './entries/useEntryRows';
import { type EntryMove, type MoveEntry, saveMove } from './moveEntry';

/** A move that was not made, and why. */
export interface FailedMove {
  title: string;
  error: unknown;
}

interface EntryMoves {
  /** The document that is being moved. */
  moving: string | null;
  failed: FailedMove | undefined;
  /** Moves an entry as it is told, unless there is nothing to move; `done` is said then. */
  run: (
    entry: { documentId: string; title: string },
    describe: () => Promise<{ change: EntryMove; done: string } | undefined>,
  ) => Promise<void>;
}

/**
 * Moves entries of a view, says aloud where they are then, and reads them anew, also where it was refused. One at a time: the next
 * is moved from the version that was read after the one before.
 */
export function useMoveEntry(type: ContentType, custom: MoveEntry | undefined): EntryMoves {
  const [moving, setMoving] = useState<string | null>(null);
  const [failed, setFailed] = useState<FailedMove>();
  const isBusy = useRef(false);
  const changed = useEntriesChanged();

  const move = async (title: string, describe: Parameters<EntryMoves['run']>[1]): Promise<void> => {
    try {
      const described = await describe();
      if (!described || !(await (custom?.move ?? saveMove)(described.change))) return;
      announce(described.done);
      // An action has read anew what it may have changed.
      if (custom?.byAction) return;
    } catch (error) {
      setFailed({ title, error });
    }
    await changed(type.uid);
  };
  return {
    moving,
    failed,
    run: async ({ documentId, title }, describe) => {
      if (isBusy.current) return;
      isBusy.current = true;
      setMoving(documentId);
      setFailed(undefined);
      await move(title, describe);
      isBusy.current = false;
      setMoving(null);
    },
  };
}
