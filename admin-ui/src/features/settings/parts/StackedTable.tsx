import { Table, type TableProps } from '@mantine/core';
import type { CSSProperties, ReactNode } from 'react';
import classes from './StackedTable.module.css';
import { TableScroll } from './TableScroll';

/** A table whose rows become blocks on a phone, one cell below the other: nothing is cut off there. */
export function StackedTable({ label, children, ...props }: TableProps & { label: string }) {
  return (
    <TableScroll label={label}>
      <Table {...props} className={classes.table}>
        {children}
      </Table>
    </TableScroll>
  );
}

interface CellProps {
  /** The column that it is in, which its head names on wider screens. */
  label: string;
  /** Numbers stand at the end. */
  end?: boolean;
  /** On a phone it stands below the name of its column, as it needs the width. */
  wide?: boolean;
  style?: CSSProperties;
  children: ReactNode;
}

/** A cell of such a table. What is empty is left out on a phone. */
export function StackedCell({ label, end, wide, style, children }: CellProps) {
  return (
    <Table.Td data-label={label} data-wide={wide || undefined} ta={end ? 'end' : undefined} style={style}>
      <div>{children}</div>
    </Table.Td>
  );
}
