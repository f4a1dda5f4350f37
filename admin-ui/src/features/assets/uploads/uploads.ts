import { useSyncExternalStore } from 'react';
import type { Upload } from 'tus-js-client';
import { type Asset, readAsset } from '@/api/assets';
import { changeHeaders } from '@/api/client';

type UploadState = 'waiting' | 'sending' | 'paused' | 'failed' | 'done';

/** A file on its way into the library. */
export interface UploadItem {
  key: number;
  name: string;
  size: number;
  sent: number;
  state: UploadState;
  /** What the server or the network said. */
  error?: Error;
  /** What it became. */
  asset?: Asset;
}

/** What sends a file in pieces; a test has its own. */
interface Sender {
  start: () => void;
  /** `end`: what has arrived is thrown away. */
  abort: (end: boolean) => Promise<void>;
}

export interface SendEvents {
  onProgress: (sent: number) => void;
  onFailed: (error: Error) => void;
  onDone: (documentId: string) => void;
}

export type MakeSender = (file: File, folder: number | undefined, events: SendEvents) => Promise<Sender>;

/** Files sent at a time: more would only share the line. */
const MAX_PARALLEL = 2;

interface UploadJob {
  item: UploadItem;
  file: File;
  folder: number | undefined;
  sender?: Sender;
}

/** Files on their way. They go on while other pages are looked at. */
export class UploadQueue {
  private jobs: readonly UploadJob[] = [];
  private items: readonly UploadItem[] = [];
  private readonly listeners = new Set<() => void>();
  private next = 1;

  constructor(
    private readonly makeSender: MakeSender,
    private readonly read: (documentId: string) => Promise<Asset>,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly list = (): readonly UploadItem[] => this.items;

  add(files: readonly File[], folder?: number): void {
    const added = files.map((file): UploadJob => {
      const item: UploadItem = { key: this.next, name: file.name, size: file.size, sent: 0, state: 'waiting' };
      this.next += 1;
      return { item, file, folder };
    });
    this.set([...this.jobs, ...added]);
    this.go();
  }

  pause(key: number): void {
    const job = this.jobOf(key);
    if (!job || !['sending', 'waiting'].includes(job.item.state)) return;
    void job.sender?.abort(false);
    this.update(key, { state: 'paused' });
    this.go();
  }

  /** Goes on after a pause, or tries again after a failure: from where it was interrupted. */
  resume(key: number): void {
    const job = this.jobOf(key);
    if (!job || !['paused', 'failed'].includes(job.item.state)) return;
    this.update(key, { state: 'waiting', error: undefined });
    this.go();
  }

  cancel(key: number): void {
    const job = this.jobOf(key);
    if (!job) return;
    if (job.item.state !== 'done') void job.sender?.abort(true);
    this.set(this.jobs.filter((each) => each !== job));
    this.go();
  }

  /** Forgets what has arrived. */
  clear(): void {
    this.set(this.jobs.filter((job) => job.item.state !== 'done'));
  }

  private go(): void {
    const free = MAX_PARALLEL - this.jobs.filter((job) => job.item.state === 'sending').length;
    for (const job of this.jobs.filter(({ item }) => item.state === 'waiting').slice(0, Math.max(0, free)))
      void this.send(job.item.key);
  }

  private async send(key: number): Promise<void> {
    const job = this.jobOf(key);
    if (!job) return;
    this.update(key, { state: 'sending' });
    const on = (change: (item: UploadItem) => Partial<UploadItem>): void => {
      const now = this.jobOf(key);
      if (now?.item.state === 'sending') this.update(key, change(now.item));
    };
    const fail = (error: Error): void => {
      on(() => ({ state: 'failed', error }));
      this.go();
    };
    try {
      const sender =
        job.sender ??
        (await this.makeSender(job.file, job.folder, {
          onProgress: (sent) => on(() => ({ sent })),
          onFailed: fail,
          onDone: (documentId) => {
            this.read(documentId).then((asset) => {
              on((item) => ({ state: 'done', sent: item.size, asset }));
              this.go();
            }, fail);
          },
        }));
      // Paused or cancelled while it was made.
      const now = this.jobOf(key);
      if (!now) return;
      this.set(this.jobs.map((each) => (each === now ? { ...each, sender } : each)));
      if (now.item.state === 'sending') sender.start();
    } catch (cause) {
      fail(cause instanceof Error ? cause : new Error(String(cause)));
    }
  }

  private jobOf(key: number): UploadJob | undefined {
    return this.jobs.find((job) => job.item.key === key);
  }

  private update(key: number, change: Partial<UploadItem>): void {
    this.set(this.jobs.map((job) => (job.item.key === key ? { ...job, item: { ...job.item, ...change } } : job)));
  }

  private set(jobs: readonly UploadJob[]): void {
    this.jobs = jobs;
    this.items = jobs.map((job) => job.item);
    for (const listener of this.listeners) listener();
  }
}

const sendWithTus: MakeSender = async (file, folder, events) => {
  const [{ Upload: TusUpload }, { toUploadError }] = await Promise.all([
    import('tus-js-client'),
    import('@/api/uploadError'),
  ]);
  const upload: Upload = new TusUpload(file, {
    endpoint: '/admin/api/upload/resumable',
    chunkSize: 16 * 1024 * 1024,
    retryDelays: [500, 1000, 3000, 5000, 10_000, 20_000, 30_000],
    removeFingerprintOnSuccess: true,
    metadata: { filename: file.name, filetype: file.type, ...(folder ? { folder: String(folder) } : {}) },
    onBeforeRequest: (request) => {
      for (const [name, value] of Object.entries(changeHeaders())) request.setHeader(name, value);
    },
    onProgress: (sent) => events.onProgress(sent),
    onError: (error) => events.onFailed(toUploadError(error)),
    onSuccess: ({ lastResponse }) => {
      const document = lastResponse.getHeader('Cairn-File');
      if (document) events.onDone(document);
      else events.onFailed(new Error('the upload did not become a file'));
    },
  });
  // Begun before the page was loaded again: it goes on from there.
  const [before] = await upload.findPreviousUploads();
  if (before) upload.resumeFromPreviousUpload(before);
  return { start: () => upload.start(), abort: (end) => upload.abort(end) };
};

/** The uploads of this browser window. */
export const uploads = new UploadQueue(sendWithTus, readAsset);

/** The uploads, drawn again as they go on. */
export function useUploads(): readonly UploadItem[] {
  return useSyncExternalStore(uploads.subscribe, uploads.list);
}
