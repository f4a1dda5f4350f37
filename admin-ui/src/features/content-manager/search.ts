import { modelQuery } from '@/api/contentTypes';
import { listEntries } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { PaletteHit } from '@/ui/feature';
import { entryTarget, listRoute } from './routes';

let model: Promise<Model> | undefined;

/** The model, read once for the palette; a minute later again, since types come and go. */
function currentModel(): Promise<Model> {
  model ??= (modelQuery.queryFn as (context: { signal: AbortSignal }) => Promise<Model>)({ signal: new AbortController().signal });
  model.catch(() => (model = undefined));
  setTimeout(() => (model = undefined), 60_000);
  return model;
}

/** Types whose name has the words, then entries of all types that have them. */
export async function findEntries(query: string, { signal, limit }: { signal: AbortSignal; limit: number }): Promise<PaletteHit[]> {
  const { contentTypes } = await currentModel();
  const words = query.toLowerCase();
  const types = contentTypes.filter((type) => type.info.displayName.toLowerCase().includes(words)).map(
    (type): PaletteHit => ({ id: `type-${type.uid}`, title: type.info.displayName, target: listRoute.to({ uid: type.uid }) }),
  );
  const found = await Promise.all(contentTypes.filter(({ kind, can }) => kind === 'collectionType' && can.find).map((type) => findIn(type, query, signal)));
  return [...types, ...found.flat()].slice(0, limit);
}

/** A type that cannot be searched by text answers nothing; the others still do. */
async function findIn(type: ContentType, query: string, signal: AbortSignal): Promise<PaletteHit[]> {
  const field = type.titleField ?? 'documentId';
  const list = await listEntries(type, { _q: query, fields: [field], pagination: { pageSize: 3, withCount: false } }, signal).catch(() => undefined);
  return (list?.entries ?? []).map((entry) => ({
    id: `${type.uid} ${entry.documentId}`,
    title: String(entry[field] ?? entry.documentId),
    detail: type.info.displayName,
    target: entryTarget(type.uid, entry.documentId),
  }));
}

/** Whether anything has been written yet. */
export async function hasEntries(): Promise<boolean> {
  const { contentTypes } = await currentModel();
  const collections = contentTypes.filter((type) => type.kind === 'collectionType' && type.can.find);
  for (const type of collections) {
    const { total } = await listEntries(type, { fields: ['documentId'], pagination: { pageSize: 1 } });
    if (total > 0) return true;
  }
  return false;
}
