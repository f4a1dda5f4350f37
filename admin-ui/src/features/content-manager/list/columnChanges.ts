import type { ColumnDef } from '@/views/definition';

/** Changes the column of a field. */
export function updateColumn(
  columns: readonly ColumnDef[],
  field: string,
  change: Partial<ColumnDef>,
): readonly ColumnDef[] {
  return columns.map((column) => (column.field === field ? { ...column, ...change } : column));
}

/** Removes the column of a field. */
export function removeColumn(columns: readonly ColumnDef[], field: string): readonly ColumnDef[] {
  return columns.filter((column) => column.field !== field);
}

/** Moves the column of a field before another; `null` moves it to the end. */
export function moveColumn(columns: readonly ColumnDef[], field: string, before: string | null): readonly ColumnDef[] {
  const moved = columns.find((column) => column.field === field);
  if (!moved) return columns;
  const rest = removeColumn(columns, field);
  const at = before === null ? rest.length : rest.findIndex((column) => column.field === before);
  // Among pinned columns it is pinned, among the others not.
  const beside = columns.find((column) => column.field === before);
  const pinned = beside ? { pinned: beside.pinned ?? false } : {};
  return [...rest.slice(0, at), { ...moved, ...pinned }, ...rest.slice(at)];
}
