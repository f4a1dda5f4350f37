import type { Asset } from '@/api/assets';
import type { MediaType } from '@/api/model';
import type { MediaItem } from '../form/values';

/** A file of the library, as entries hold it. */
export function asMediaItem(asset: Asset): MediaItem {
  return {
    id: asset.id,
    documentId: asset.documentId,
    name: asset.name,
    url: asset.url,
    mime: asset.mime,
    alternativeText: asset.alternativeText,
    caption: asset.caption,
    width: asset.width,
    height: asset.height,
    size: asset.bytes / 1000,
    ...(asset.thumbnailUrl ? { formats: { thumbnail: { url: asset.thumbnailUrl, width: 0, height: 0 } } } : {}),
  };
}

/** Strapi's word for the kind of a file. */
export function mediaTypeOf(mime: string): MediaType {
  if (mime.startsWith('image/')) return 'images';
  if (mime.startsWith('video/')) return 'videos';
  return mime.startsWith('audio/') ? 'audios' : 'files';
}

const kinds: Record<MediaType, string> = {
  images: 'image',
  videos: 'video',
  audios: 'audio',
  files: 'document,model,other',
};

/** `kind` of the library's list for the types that an attribute allows. `files` allows all that is nothing else. */
export function kindsOf(allowed: readonly MediaType[] | undefined): string | undefined {
  return allowed && allowed.length > 0 ? allowed.map((type) => kinds[type]).join(',') : undefined;
}

/** `accept` of a file input. */
export function acceptOf(allowed: readonly MediaType[] | undefined): string | undefined {
  if (!allowed || allowed.length === 0 || allowed.includes('files')) return undefined;
  return allowed.map((type) => `${type.slice(0, -1)}/*`).join(',');
}

/** The address of a small picture of a file; `null` where it is no picture. Only addresses that cannot run anything. */
export function pictureOf(file: Pick<MediaItem, 'mime' | 'url' | 'formats'>): string | null {
  if (!file.mime?.startsWith('image/')) return null;
  return safeUrl(file.formats?.thumbnail?.url ?? file.formats?.small?.url ?? file.url);
}

/** An address of this server or of the web; nothing else, whatever an answer holds. */
export function safeUrl(url: string | null | undefined): string | null {
  if (!url) return null;
  return /^(https?:\/\/|\/(?!\/))/i.test(url) ? url : null;
}
