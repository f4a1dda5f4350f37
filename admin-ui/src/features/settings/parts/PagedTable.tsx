import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import { MoreRows } from './MoreRows';
import { QueryState } from './QueryState';
import { StackedCell, StackedTable } from './StackedTable';

interface PagedTableColumn<Row> {
  label: string;
  render: (row: Row) => ReactNode;
  /** Numbers stand at the end. */
  end?: boolean;
  /** What has no blanks is broken anywhere. */
  breaks?: boolean;
}

interface Props<Row> {
  pages: {
    data: { pages: readonly { data: readonly Row[] }[] } | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
  } & Parameters<typeof MoreRows>[0]['pages'];
  label: string;
  columns: readonly PagedTableColumn<Row>[];
  keyOf: (row: Row) => string | number;
  /** In place of the table, where there is no row. */
  empty: ReactNode;
}

/** Lines that are read page by page, newest first: a table that is found and scrolled by everybody, with more below. */
export function PagedTable<Row>({ pages, label, columns, keyOf, empty }: Props<Row>) {
  return (
    <QueryState query={pages}>
      {(data) => {
        const rows = data.pages.flatMap((page) => page.data);
        if (rows.length === 0) return empty;
        return (
          <div>
            <StackedTable label={label} highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  {columns.map((column) => (
                    <Table.Th key={column.label} ta={column.end ? 'end' : undefined}>
                      {column.label}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map((row) => (
                  <Table.Tr key={keyOf(row)}>
                    {columns.map((column) => (
                      <StackedCell
                        key={column.label}
                        label={column.label}
                        end={column.end}
                        style={column.breaks ? { overflowWrap: 'anywhere' } : undefined}
                      >
                        {column.render(row)}
                      </StackedCell>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </StackedTable>
            <MoreRows pages={pages} count={rows.length} />
          </div>
        );
      }}
    </QueryState>
  );
}
