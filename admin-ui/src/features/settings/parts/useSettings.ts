import {
  type DefaultError,
  type QueryKey,
  type UseMutationResult,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import { useState } from 'react';
import { changedSettings } from './changedSettings';

/** Settings while somebody changes them. */
interface SettingsEditor<Values> {
  draft: Values;
  change: (part: Partial<Values>) => void;
  dirty: boolean;
  save: UseMutationResult<Values, DefaultError, void>;
}

/** Settings that are sent as what differs, and answered whole. `also` is done once they are kept. */
export function useSettings<Values extends object>(
  stored: Values,
  queryKey: QueryKey,
  send: (changes: Partial<Values>) => Promise<Values>,
  also?: () => Promise<unknown>,
): SettingsEditor<Values> {
  const queries = useQueryClient();
  const [lastSaved, setLastSaved] = useState(stored);
  const [draft, setDraft] = useState(stored);
  const changes = changedSettings(lastSaved, draft);
  const save = useMutation({
    mutationFn: () => send(changes),
    onSuccess: async (saved) => {
      setLastSaved(saved);
      setDraft(saved);
      queries.setQueryData(queryKey, saved);
      await also?.();
    },
  });
  return { draft, change: (part) => setDraft({ ...draft, ...part }), dirty: Object.keys(changes).length > 0, save };
}
