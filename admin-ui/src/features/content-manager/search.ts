import { listEntries } from '@/api/content';
import { modelQuery } from '@/api/contentTypes';
import { type Model, pluralNameOf } from '@/api/model';
import { searchEntries } from '@/api/search';
import { queries } from '@/app/queries';
import type { PaletteHit } from '@/app/feature';
import { entryTarget, listAddress } from './addresses';

/** The model as the pages have it: whoever types asks with each key. */
const currentModel = (): Promise<Model> => queries.fetchQuery(modelQuery);

/** Types whose name has the words, then entries of all types that are called so. */
export async function findEntries(
  query: string,
  { signal, limit }: { signal: AbortSignal; limit: number },
): Promise<PaletteHit[]> {
  const [{ contentTypes }, hits] = await Promise.all([
    currentModel(),
    searchEntries(query.slice(0, 100), limit, signal),
  ]);
  const needle = query.toLowerCase();
  const types = contentTypes
    .filter((type) => `${pluralNameOf(type)} ${type.info.displayName}`.toLowerCase().includes(needle))
    .map(
      (type): PaletteHit => ({
        id: `type-${type.uid}`,
        title: pluralNameOf(type),
        target: listAddress.to({ uid: type.uid }),
      }),
    );
  const nameOf = (uid: string): string => contentTypes.find((type) => type.uid === uid)?.info.displayName ?? uid;
  const entries = hits.map(
    (hit): PaletteHit => ({
      id: `${hit.type} ${hit.documentId}`,
      title: hit.title,
      detail: nameOf(hit.type),
      target: entryTarget(hit.type, hit.documentId, hit.locale),
    }),
  );
  return [...types, ...entries].slice(0, limit);
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
