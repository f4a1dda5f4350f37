import { changeHeaders } from './client';
import { readAsset, type Asset } from './assets';

export interface UploadWatch {
  onProgress: (share: number) => void;
  signal?: AbortSignal;
  folder?: number;
  /** Only for who may read an entry that uses it. */
  isPrivate?: boolean;
}

/**
 * Uploads a file in pieces that go on where they were interrupted (tus): a connection that breaks, or a server that is
 * started again, costs the last piece.
 */
export async function uploadFile(
  file: File,
  { onProgress, signal, folder, isPrivate = false }: UploadWatch,
): Promise<Asset> {
  const { Upload } = await import('tus-js-client');
  const address = await new Promise<string>((done, failed) => {
    const upload = new Upload(file, {
      endpoint: '/admin/api/upload/resumable',
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
      onProgress: (sent, total) => onProgress(total > 0 ? sent / total : 0),
      onError: failed,
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
