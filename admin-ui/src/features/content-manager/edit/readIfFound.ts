import { ApiError } from '@/api/client';
import { type LoadedEntry, readEntry } from '@/api/content';
import type { ContentType } from '@/api/model';

/** An entry in a language; nothing where it is not there. */
export async function readIfFound(
  type: ContentType,
  documentId: string,
  locale: string | undefined,
  signal?: AbortSignal,
): Promise<LoadedEntry | null> {
  try {
    const read = await readEntry(type, documentId, { locale, ...(signal ? { signal } : {}) });
    return read.entry ? read : null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
