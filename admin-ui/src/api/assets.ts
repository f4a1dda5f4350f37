import { request } from './client';

/** A file of the media library, as its list has it. To be replaced by the generated type once the route is described. */
export interface Asset {
  id: number;
  documentId: string;
  name: string;
  url: string;
  thumbnailUrl: string | null;
  ext: string | null;
  mime: string;
  kind: 'image' | 'video' | 'audio' | 'document' | 'model' | 'other';
  bytes: number;
  width: number | null;
  height: number | null;
  alternativeText: string | null;
  caption: string | null;
  folder: { id: number; name: string } | null;
  tags: string[];
  focalPoint?: { x: number; y: number } | null;
}

export interface AssetPage {
  files: Asset[];
  after: string | null;
}

export interface AssetQuery {
  search?: string;
  kind?: string;
  folder?: number;
  after?: string;
  limit?: number;
}

export interface Folder {
  id: number;
  name: string;
  parent: number | null;
  path: string;
  files: number;
}

/** A page of the library, newest first. */
export async function listAssets(query: AssetQuery, signal?: AbortSignal): Promise<AssetPage> {
  const body = await request<{ data: Asset[]; meta: { after?: string | null } }>('GET', '/admin/api/assets', {
    query: { ...query } as never,
    ...(signal ? { signal } : {}),
  });
  return { files: body.data, after: body.meta.after ?? null };
}

export async function listFolders(signal?: AbortSignal): Promise<Folder[]> {
  const body = await request<{ data: Folder[] }>('GET', '/admin/api/assets/folders', signal ? { signal } : {});
  return body.data;
}

export async function readAsset(documentId: string, signal?: AbortSignal): Promise<Asset> {
  const body = await request<{ data: Asset }>('GET', `/admin/api/assets/${encodeURIComponent(documentId)}`, signal ? { signal } : {});
  return body.data;
}

export interface AssetChange {
  alternativeText?: string | null;
  caption?: string | null;
  focalPoint?: { x: number; y: number };
}

export async function changeAsset(documentId: string, change: AssetChange): Promise<Asset> {
  const body = await request<{ data: Asset }>('PUT', `/admin/api/assets/${encodeURIComponent(documentId)}`, { body: change });
  return body.data;
}
