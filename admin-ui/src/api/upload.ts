import { changeHeaders } from './client';
import { readAsset, type Asset } from './assets';

export interface UploadWatch {
  onProgress: (share: number) => void;
  signal?: AbortSignal;
  folder?: number;
  /** Only for who may read an entry that uses it. */
  isPrivate?: boolean;
  /** Hears the address at which the server has what has arrived, by which another try goes on. */
  onBegun?: (address: string) => void;
  /** The address of an earlier try, which this one continues. */
  continues?: string;
}

/**
 * Uploads a file in pieces that go on where they were interrupted (tus): a connection that breaks, or a server that is
 * started again, costs the last piece.
 *
 * @throws ApiError when the file is refused, OfflineError when the server cannot be reached.
 */
export async function uploadFile(
  file: File,
  { onProgress, signal, folder, isPrivate = false, onBegun, continues }: UploadWatch,
): Promise<Asset> {
  const [{ Upload }, { toUploadError }] = await Promise.all([import('tus-js-client'), import('./uploadError')]);
  const address = await new Promise<string>((done, failed) => {
    const upload = new Upload(file, {
      endpoint: '/admin/api/upload/resumable',
      uploadUrl: continues ?? null,
      chunkSize: 16 * 1024 * 1024,
      retryDelays: [500, 1000, 3000, 5000, 10_000, 20_000, 30_000],
      metadata: {
        filename: file.name,
        filetype: file.type,
        ...(folder ? { folder: String(folder) } : {}),
        ...(isPrivate ? { private: 'true' } : {}),
      },
      onBeforeRequest: (request) => {
        for (const [name, value] of Object.entries(changeHeaders())) request.setHeader(name, value);
      },
      onUploadUrlAvailable: () => {
        if (upload.url) onBegun?.(upload.url);
      },
      onProgress: (sent, total) => onProgress(total > 0 ? sent / total : 0),
      onError: (error) => failed(toUploadError(error)),
      onSuccess: () => (upload.url ? done(upload.url) : failed(new Error('the upload has no address'))),
    });
    signal?.addEventListener('abort', () => {
      void upload.abort(true);
      failed(new DOMException('aborted', 'AbortError'));
    });
    upload.start();
  });
  const answer = await fetch(address, { credentials: 'same-origin' });
  const body = (await answer.json()) as { data: { file: { documentId: string } | null } };
  if (!body.data.file) throw new Error('the upload did not become a file');
  return readAsset(body.data.file.documentId);
}
