import { useState } from 'react';
import type { Entry } from '@/api/content';
import type { ContentType } from '@/api/model';
import type { BulkAction, BulkKind } from './bulk';
import { type BulkRun, useBulk } from './useBulk';
import type { Selection } from './useSelection';

/** An action that somebody has chosen and not confirmed yet. */
interface PendingAction {
  kind: BulkKind;
  ids: readonly string[];
}

interface BulkActions {
  bulk: BulkRun;
  busy: boolean;
  pending: PendingAction | null;
  chooseForSelection: (kind: BulkKind) => void;
  chooseForEntry: (kind: BulkKind, entry: Entry) => void;
  confirm: (action: BulkAction) => void;
  close: () => void;
}

/** What can be done with the selected entries, or with one: some actions are confirmed first. */
export function useBulkActions(type: ContentType, locale: string | undefined, selection: Selection): BulkActions {
  const bulk = useBulk(type, locale);
  const [pending, setPending] = useState<PendingAction | null>(null);
  return {
    bulk,
    busy: bulk.state.phase === 'running' || bulk.state.phase === 'undoing',
    pending,
    chooseForSelection: (kind) => setPending({ kind, ids: selection.ids }),
    chooseForEntry: (kind, { documentId }) => {
      // An action on one entry runs at once: it can be undone. What needs input asks for it.
      if (kind === 'edit' || kind === 'release' || kind === 'assign') setPending({ kind, ids: [documentId] });
      else void bulk.run({ kind }, [documentId]);
    },
    confirm: (action) => {
      if (!pending) return;
      void bulk.run(action, pending.ids);
      if (action.kind === 'delete') selection.clear();
    },
    close: () => setPending(null),
  };
}
