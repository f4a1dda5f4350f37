import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { usePreference } from '@/api/preferences';
import type { ColumnDef } from '@/views/definition';
import type { ColumnChanges } from '@/views/table/ColumnHead';
import { defaultColumns, resolveColumns, type TableColumn } from '@/views/table/columns';
import type { ListSearch } from '../addresses';
import { moveColumn, removeColumn, updateColumn } from './columnChanges';

/** The columns of a list, and how to change them. */
export interface ListColumns {
  columns: readonly ColumnDef[];
  setColumns: (columns: readonly ColumnDef[]) => void;
  resetColumns: () => void;
  changes: ColumnChanges;
}

/** Columns as they are kept for a person. */
function readColumns(stored: unknown): ColumnDef[] | null {
  if (!Array.isArray(stored)) return null;
  const columns = stored.filter(
    (item): item is ColumnDef =>
      typeof item === 'object' && item !== null && typeof (item as ColumnDef).field === 'string',
  );
  return columns.length > 0 ? columns : null;
}

/** The columns that the address lists, else those that the person chose, else the type's own. */
export function useListColumns(
  type: ContentType,
  search: ListSearch,
  setSearch: (change: Partial<ListSearch>) => void,
): ListColumns {
  const [storedColumns, storeColumns] = usePreference<ColumnDef[] | null>(`list.columns.${type.uid}`, readColumns);
  const columns = useMemo(() => {
    const own = storedColumns ?? defaultColumns(type);
    // The address says which and in what order; how wide they are is a matter of the person.
    return search.columns?.map((field) => own.find((column) => column.field === field) ?? { field }) ?? own;
  }, [storedColumns, search.columns, type]);
  const setColumns = (next: readonly ColumnDef[]): void => {
    storeColumns([...next]);
    if (search.columns) setSearch({ columns: next.map(({ field }) => field) });
  };
  return {
    columns,
    setColumns,
    resetColumns: () => {
      storeColumns(null);
      setSearch({ columns: undefined });
    },
    changes: {
      resize: (field, width) => setColumns(updateColumn(columns, field, { width })),
      pin: (field, pinned) => setColumns(updateColumn(columns, field, { pinned })),
      hide: (field) => setColumns(removeColumn(columns, field)),
      move: (field, before) => {
        if (columns.some((column) => column.field === field)) setColumns(moveColumn(columns, field, before));
      },
    },
  };
}

/** The columns as the table draws them, with headings in the admin's language. */
export function useTableColumns(model: Model, type: ContentType, columns: readonly ColumnDef[]): TableColumn[] {
  const { t, i18n } = useTranslation('views');
  const language = i18n.resolvedLanguage ?? 'en';
  return useMemo(
    () => resolveColumns(model, type, columns, language, (own) => t(`own.${own}`)),
    [model, type, columns, language, t],
  );
}
