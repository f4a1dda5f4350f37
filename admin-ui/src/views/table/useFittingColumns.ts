import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import type { TableColumn } from './columns';

/** Widest column on a phone, in pixels. */
const PHONE_COLUMN_WIDTH = 160;

/** Columns whose width lets a phone show two of them. */
export function useFittingColumns(columns: readonly TableColumn[]): readonly TableColumn[] {
  const narrow = useMediaQuery('(max-width: 40em)') ?? false;
  return useMemo(
    () =>
      narrow ? columns.map((column) => ({ ...column, width: Math.min(column.width, PHONE_COLUMN_WIDTH) })) : columns,
    [columns, narrow],
  );
}
