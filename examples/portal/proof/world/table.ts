/** Rows of figures as lines of a text, for whoever reads the output of a run. */
export function toTable(rows: object[]): string {
  const lines = rows.map((row) => Object.entries(row).map(([name, value]) => `${name} ${show(value)}`));
  return lines.map((cells) => cells.join('  ')).join('\n');
}

function show(value: unknown): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value);
}
