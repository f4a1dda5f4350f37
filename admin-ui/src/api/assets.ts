import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { QueryValue } from './queryString';
import type { Schemas } from './schemas';

export type AssetKind = Schemas['AssetKind'];

/** A file of the media library, as its list has it. */
export type Asset = Schemas['Asset'];

/** A place where a file is used. */
export type AssetUsage = Schemas['AssetUsage'];

export type AssetTexts = Schemas['AssetTexts'];

/** One file with all that is known of it. */
export type AssetDetail = Schemas['AssetDetails'];

export interface AssetPage {
  files: Asset[];
  after: string | null;
}

export interface AssetQuery {
  search?: string;
  kind?: string;
  /** `0`: files in no folder. */
  folder?: number;
  recursive?: boolean;
  tag?: string;
  private?: boolean;
  unused?: boolean;
  missing?: 'alt';
  trash?: boolean;
  sort?: string;
  after?: string;
  limit?: number;
}

export type Folder = Schemas['Folder'];

const ASSETS = '/admin/api/assets';
/** Everything that was read from the library. */
export const ASSETS_KEY = ['assets'] as const;

/** `Press / 2026`. */
export function folderLabel(folder: Folder): string {
  return folder.path.map(({ name }) => name).join(' / ');
}

/** A page of the library, newest first. */
export async function listAssets(query: AssetQuery, signal?: AbortSignal): Promise<AssetPage> {
  const body = await request<{ data: Asset[]; meta: { after?: string | null } }>('GET', ASSETS, {
    query: { ...query } as Record<string, QueryValue>,
    ...(signal ? { signal } : {}),
  });
  return { files: body.data, after: body.meta.after ?? null };
}

/** The library, page behind page. */
export function assetsQuery(query: AssetQuery) {
  return infiniteQueryOptions({
    queryKey: ['assets', 'list', query],
    queryFn: ({ pageParam, signal }) =>
      listAssets({ ...query, limit: 100, ...(pageParam ? { after: pageParam } : {}) }, signal),
    initialPageParam: '',
    getNextPageParam: (page) => page.after ?? undefined,
  });
}

export async function listFolders(signal?: AbortSignal): Promise<Folder[]> {
  const body = await request<{ data: Folder[] }>('GET', `${ASSETS}/folders`, signal ? { signal } : {});
  return body.data;
}

export const foldersQuery = queryOptions({
  queryKey: ['assets', 'folders'],
  queryFn: ({ signal }) => listFolders(signal),
});

/** Makes a folder; `keepsMetadata` null: as the folder it lies in. */
export async function makeFolder(name: string, parent: number, keepsMetadata: boolean | null = null): Promise<Folder> {
  return (await request<{ data: Folder }>('POST', `${ASSETS}/folders`, { body: { name, parent, keepsMetadata } })).data;
}

export async function changeFolder(
  id: number,
  change: { name?: string; parent?: number; private?: boolean; keepsMetadata?: boolean | null },
): Promise<void> {
  await request('PUT', `${ASSETS}/folders/${id}`, { body: change });
}

/** Removes a folder; `recursive`: with the folders in it, and its files go to the trash. */
export async function deleteFolder(id: number, recursive: boolean): Promise<void> {
  await request('DELETE', `${ASSETS}/folders/${id}`, { query: recursive ? { recursive: true } : {} });
}

export const tagsQuery = queryOptions({
  queryKey: ['assets', 'tags'],
  queryFn: async ({ signal }) =>
    (await request<{ data: { tag: string; files: number }[] }>('GET', `${ASSETS}/tags`, { signal })).data,
});

export async function readAsset(documentId: string, signal?: AbortSignal): Promise<AssetDetail> {
  const body = await request<{ data: AssetDetail }>(
    'GET',
    `${ASSETS}/${encodeURIComponent(documentId)}`,
    signal ? { signal } : {},
  );
  return body.data;
}

export function assetQuery(documentId: string) {
  return queryOptions({
    queryKey: ['assets', 'detail', documentId],
    queryFn: async ({ signal }) =>
      (await request<{ data: AssetDetail }>('GET', `${ASSETS}/${encodeURIComponent(documentId)}`, { signal })).data,
  });
}

export type AssetChange = Schemas['ChangedAsset'];

export async function changeAsset(documentId: string, change: AssetChange): Promise<Asset> {
  const body = await request<{ data: Asset }>('PUT', `${ASSETS}/${encodeURIComponent(documentId)}`, { body: change });
  return body.data;
}

/** One change of many files. */
export type BulkAssetAction = Schemas['BulkAction'];

export type BulkAssetResult = Schemas['BulkDone'];

/** All of them or none. */
export async function bulkAssets(bulk: BulkAssetAction): Promise<BulkAssetResult> {
  return (await request<{ data: BulkAssetResult }>('POST', `${ASSETS}/bulk`, { body: bulk })).data;
}

/** Takes back what `bulkAssets` did. */
export async function undoBulk(undo: readonly BulkAssetAction[]): Promise<void> {
  // One after the other: a later one may stand on an earlier one.
  await undo.reduce<Promise<unknown>>((before, each) => before.then(() => bulkAssets(each)), Promise.resolve());
}

/** Where files are used, by links. At most 100 at a time. */
async function usagesOf(documentIds: readonly string[]): Promise<AssetUsage[]> {
  return (await request<{ data: AssetUsage[] }>('GET', `${ASSETS}/usages`, { query: { ids: documentIds.join(',') } }))
    .data;
}

function readUsages(
  documentId: string,
  signal: AbortSignal,
): Promise<{ data: AssetUsage[]; meta: { complete: boolean } }> {
  return request('GET', `${ASSETS}/${encodeURIComponent(documentId)}/usages`, { signal });
}

/** Where one file is used, and whether all texts could be looked into. */
export function usagesQuery(documentId: string) {
  return queryOptions({
    queryKey: ['assets', 'usages', documentId],
    queryFn: ({ signal }) => readUsages(documentId, signal),
  });
}

/** Files whose usages are asked for at a time. */
const USAGES_PER_REQUEST = 100;

/** Where files are used that are to go to the trash: of one file also in texts, of several by links. */
export function trashUsagesQuery(documentIds: readonly string[]) {
  return queryOptions({
    queryKey: ['assets', 'usages', 'of', documentIds],
    staleTime: 0,
    queryFn: async ({ signal }): Promise<{ usages: AssetUsage[]; complete: boolean }> => {
      const [only] = documentIds;
      if (only !== undefined && documentIds.length === 1) {
        const { data, meta } = await readUsages(only, signal);
        return { usages: data, complete: meta.complete };
      }
      const batches = Array.from({ length: Math.ceil(documentIds.length / USAGES_PER_REQUEST) }, (_, at) =>
        documentIds.slice(at * USAGES_PER_REQUEST, (at + 1) * USAGES_PER_REQUEST),
      );
      const found = await Promise.all(batches.map((batch) => usagesOf(batch)));
      return { usages: found.flat(), complete: true };
    },
  });
}

/** Removes a file in the trash for good. */
export async function purgeAsset(documentId: string): Promise<void> {
  await request('DELETE', `${ASSETS}/${encodeURIComponent(documentId)}/purge`);
}

/** Makes an earlier version the current one. */
export async function restoreVersion(documentId: string, number: number): Promise<void> {
  await request('POST', `${ASSETS}/${encodeURIComponent(documentId)}/versions/${number}/restore`);
}

/** Puts another file in its place: its address, texts and links stay. */
export async function replaceAsset(id: number, file: File): Promise<void> {
  const body = new FormData();
  body.append('files', file);
  await request('POST', '/admin/api/upload', { query: { id }, body });
}

/** Addresses of pictures in sizes that nobody lists, which anybody may use. */
export async function signPictures(documentId: string, pictures: string[]): Promise<string[]> {
  return (
    await request<{ data: string[] }>('POST', `${ASSETS}/${encodeURIComponent(documentId)}/links`, {
      body: { pictures },
    })
  ).data;
}

/** Groups of files with the same bytes. */
export const duplicatesQuery = queryOptions({
  queryKey: ['assets', 'duplicates'],
  queryFn: async ({ signal }) =>
    (
      await request<{ data: { sha256: string; bytes: number; wasted: number; files: Asset[] }[] }>(
        'GET',
        `${ASSETS}/duplicates`,
        { signal },
      )
    ).data,
});
