interface TableRows {
  /** The cells of each row; nothing in place of what a merged cell covers. */
  rows: (Element | null)[][];
  header: boolean;
  merged: boolean;
}

const MAX_COLUMNS = 60;
const MAX_ROWS = 5000;

/** The rows of a table, those of tables in it left to their cells. */
export function rowsOf(table: Element): TableRows {
  const lines: Element[] = [];
  let header = false;
  for (const part of table.children) {
    if (part.localName === 'tr') lines.push(part);
    else if (/^t(?:head|body|foot)$/.test(part.localName)) {
      const own = [...part.children].filter((child) => child.localName === 'tr');
      if (part.localName === 'thead' && lines.length === 0 && own.length > 0) header = true;
      lines.push(...own);
    }
  }
  let merged = false;
  // How many rows a cell above still covers, by column.
  const covered: number[] = [];
  const rows = lines.slice(0, MAX_ROWS).flatMap((line) => {
    const cells = [...line.children].filter((child) => child.localName === 'td' || child.localName === 'th');
    if (cells.length === 0) return [];
    const row: (Element | null)[] = [];
    const cover = () => {
      while ((covered[row.length] ?? 0) > 0 && row.length < MAX_COLUMNS) {
        covered[row.length] = (covered[row.length] ?? 0) - 1;
        row.push(null);
      }
    };
    for (const cell of cells) {
      cover();
      const across = spanOf(cell, 'colspan', MAX_COLUMNS);
      const down = spanOf(cell, 'rowspan', MAX_ROWS);
      if (across > 1 || down > 1) merged = true;
      for (let at = 0; at < across && row.length < MAX_COLUMNS; at += 1) {
        covered[row.length] = down - 1;
        row.push(at === 0 ? cell : null);
      }
    }
    cover();
    return [row];
  });
  header ||= (rows[0]?.length ?? 0) > 1 && (rows[0] ?? []).every(isHeader);
  return { rows, header: header && rows.length > 1, merged };
}

function isHeader(cell: Element | null): boolean {
  return cell === null || cell.localName === 'th' || cell.getAttribute('role') === 'columnheader';
}

function spanOf(cell: Element, name: string, most: number): number {
  const span = Number(cell.getAttribute(name));
  return Number.isInteger(span) && span > 1 ? Math.min(span, most) : 1;
}
