import type { StrapiImport } from '@/api/strapiImport';

/** Rows of a type, or of what is not a type, on both sides. */
export interface CountRow {
  /** The uid of a type; `links` or `assets`. */
  name: string;
  inStrapi: number;
  imported: number;
}

/** The rows of the table: types of the project first, those with something missing before the others; links and files last. */
export function listCounts(report: StrapiImport['report']): CountRow[] {
  const rows = Object.entries(report.types).map(([name, { inArchive, imported }]) => ({
    name,
    inStrapi: inArchive,
    imported,
  }));
  const rank = (row: CountRow): number => (row.name.startsWith('api::') ? 0 : 2) + (isComplete(row) ? 1 : 0);
  rows.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  const { links, assets } = report;
  return [
    ...rows,
    { name: 'links', inStrapi: links.inArchive, imported: links.imported },
    { name: 'assets', inStrapi: assets.inArchive, imported: assets.imported },
  ];
}

export function isComplete({ inStrapi, imported }: CountRow): boolean {
  return imported >= inStrapi;
}
