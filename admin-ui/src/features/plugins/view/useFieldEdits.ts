import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/api/ApiError';
import { type Entry, type LoadedEntry, readEntry, saveEntry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import { EntryStore } from '@/fields/form/store';
import { sameValue } from '@/fields/form/values';
import { validate } from '@/fields/form/validate';
import { fromServer, toServer } from '@/fields/form/wire';
import { registry } from '@/fields/registry';
import { useProblemText } from '@/fields/shared/texts';
import { useEntriesChanged } from '@/views/entries/useEntryRows';
import { fieldProblemsOf } from './fieldProblems';

/** What somebody else saved meanwhile. */
export interface EditConflict {
  /** As it is now. */
  entry: Entry;
  /** The attributes that differ from what was seen. */
  changed: readonly string[];
  /** Who it was, and when, as far as the server says. */
  by: string | undefined;
  at: string | undefined;
}

interface Edited {
  model: Model;
  type: ContentType;
  documentId: string;
  locale: string | undefined;
  /** The attributes that can be changed. */
  names: readonly string[];
  /** The document as it was when the edit began. */
  read: LoadedEntry;
}

/** Changes some attributes of a document and saves those that were changed, against the version that was seen. */
export function useFieldEdits({ model, type, documentId, locale, names, read }: Edited) {
  const queries = useQueryClient();
  const changedEntries = useEntriesChanged();
  const problemText = useProblemText();
  const [version, setVersion] = useState(read.version);
  const [conflict, setConflict] = useState<EditConflict>();
  const [isUnexplained, setUnexplained] = useState(false);
  const [store] = useState(() => {
    const { values, ids } = fromServer(model, type.attributes, read.entry);
    return new EntryStore(values, ids);
  });
  const changed = (): string[] => names.filter((name) => !sameValue(store.values[name], store.saved[name]));

  const save = useMutation({
    mutationFn: () =>
      saveEntry(type, documentId, toServer(model, type.attributes, store.values, store.ids, changed()), {
        precondition: { version },
        locale,
      }),
    onMutate: () => {
      store.setErrors(new Map());
      setUnexplained(false);
      setConflict(undefined);
    },
    onSuccess: async () => {
      await Promise.all([
        changedEntries(type.uid),
        // The view says of the document what it was before.
        queries.invalidateQueries({ queryKey: ['plugin-view'] }),
      ]);
    },
    onError: async (error) => {
      if (error instanceof ApiError && error.status === 409 && 'currentVersion' in error.details) {
        const latest = await readEntry(type, documentId, { locale }).catch(() => undefined);
        if (latest) {
          setVersion(latest.version);
          setConflict(conflictOf(error, latest.entry));
          return;
        }
      }
      const { fields, rest } = fieldProblemsOf(error, { store, type, model, names });
      store.setErrors(fields);
      setUnexplained(fields.size === 0 || rest.length > 0);
    },
  });

  const conflictOf = (error: ApiError, entry: Entry): EditConflict => {
    const { values } = fromServer(model, type.attributes, entry);
    const { by, at } = error.details as { by?: { name?: string }; at?: unknown };
    return {
      entry,
      changed: Object.keys(type.attributes).filter((name) => !sameValue(values[name], store.saved[name])),
      by: by?.name,
      at: typeof at === 'string' ? at : undefined,
    };
  };

  /** Whether what was typed can be sent at all; what is wrong is said at its field. */
  const check = (): boolean => {
    const attributes = Object.fromEntries(Object.entries(type.attributes).filter(([name]) => names.includes(name)));
    const problems = validate(registry, model, attributes, store.values, !type.draftAndPublish);
    store.setErrors(new Map([...problems].map(([path, problem]) => [path, problemText(problem)])));
    return problems.size === 0;
  };

  return {
    store,
    save,
    conflict,
    /** The last save was refused for something that is said at no field. */
    isUnexplained,
    changed,
    submit: (done: () => void) => {
      if (check()) save.mutate(undefined, { onSuccess: done });
    },
  };
}
