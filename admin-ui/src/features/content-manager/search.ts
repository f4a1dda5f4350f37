import { listEntries } from '@/api/content';
import { modelQuery } from '@/api/contentTypes';
import type { Model } from '@/api/model';
import { searchEntries } from '@/api/search';
import { queries } from '@/app/queries';
import type { PaletteHit } from '@/app/feature';
import { entryTarget } from './addresses';

/** The model as the pages have it: whoever types asks with each key. */
const currentModel = (): Promise<Model> => queries.fetchQuery(modelQuery);

/** Entries of all types that are called so. The types themselves the palette knows without asking (`useTypeEntries`). */
export async function findEntries(
  query: string,
  { signal, limit }: { signal: AbortSignal; limit: number },
): Promise<PaletteHit[]> {
  const [{ contentTypes }, hits] = await Promise.all([
    currentModel(),
    searchEntries(query.slice(0, 100), limit, signal),
  ]);
  const nameOf = (uid: string): string => contentTypes.find((type) => type.uid === uid)?.info.displayName ?? uid;
  return hits.slice(0, limit).map(
    (hit): PaletteHit => ({
      id: `${hit.type} ${hit.documentId}`,
      title: hit.title,
      detail: nameOf(hit.type),
      target: entryTarget(hit.type, hit.documentId, hit.locale),
    }),
  );
}

/** Whether anything has been written yet. */
export async function hasEntries(): Promise<boolean> {
  const { contentTypes } = await currentModel();
  for (const type of contentTypes) {
    if (type.kind !== 'collectionType' || !type.can.find) continue;
    const { total } = await listEntries(type, { fields: ['documentId'], pagination: { pageSize: 1 } });
    if (total > 0) return true;
  }
  return false;
}
