import { useMemo } from 'react';
import { type Entry, saveEntry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { useEntriesChanged } from '@/views/entries/useEntryRows';
import { isWritable } from '@/views/fieldPath';
import type { CellEditing } from '@/views/table/EntryTable';
import { isInlineEditable } from '@/views/table/inlineEditable';
import type { ListSearch } from '../addresses';

/** Editing in the table: of drafts, by who may update them. */
export function useCellEditing(
  type: ContentType,
  status: ListSearch['status'],
  locale: string | undefined,
): CellEditing | undefined {
  const changed = useEntriesChanged();
  return useMemo(
    () =>
      type.can.update && status !== 'published'
        ? {
            can: (field: string) => isWritable(type, field) && isInlineEditable(type.attributes[field]),
            save: async (entry: Entry, field: string, value: unknown) => {
              await saveEntry(type, entry.documentId, { [field]: value }, { precondition: 'any', locale });
              await changed(type.uid);
            },
          }
        : undefined,
    [type, status, locale, changed],
  );
}
