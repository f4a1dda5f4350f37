import type { Asset } from '@/api/assets';
import type { PastedImage } from './document';
import { fileOf } from './images';

/** A picture of a text: on its way to the library, or in it and to be described. */
export interface TextImage {
  key: number;
  name: string;
  state: 'uploading' | 'describe' | 'failed';
  share: number;
  error?: string;
  /** Of a small picture. */
  url: string | null;
  alt: string;
  asset?: Pick<Asset, 'documentId'>;
}

export interface QueueWork {
  /** Brings a file into the library. */
  upload: (
    file: File,
    alt: string,
    watch: { onProgress: (share: number) => void; signal: AbortSignal },
  ) => Promise<Asset>;
  /** Puts a picture that has arrived into the text; `false` where its place is gone. */
  arrive: (key: number, asset: Asset, alt: string) => Promise<boolean> | boolean;
  /** A picture will not come. */
  forget: (key: number) => void;
  /** The message for a picture that could not be read, or whose place is gone. */
  text: (problem: 'broken' | 'noPlace') => string;
}

interface Job {
  key: number;
  image: PastedImage;
  stop: AbortController;
  end: (arrived: boolean) => void;
}

/** Uploads of one text at a time. */
const MAX_PARALLEL = 3;

let imageCount = 0;

/** The pictures of one text that are on their way, and those that nobody has described yet. */
export class ImageQueue {
  #images: readonly TextImage[] = [];
  #waiting: Job[] = [];
  readonly #running = new Map<number, Job>();
  readonly #listeners = new Set<() => void>();
  #closed = false;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  list = (): readonly TextImage[] => this.#images;

  /** Notes pictures; `begin` uploads them, when their places are noted. Each promise ends with its picture: `false` where it failed. */
  add(pasted: readonly PastedImage[]): { keys: number[]; arrivals: Promise<boolean>[] } {
    const arrivals: Promise<boolean>[] = [];
    const added = pasted.map((image): TextImage => {
      imageCount += 1;
      const key = imageCount;
      arrivals.push(
        new Promise<boolean>((end) => {
          this.#waiting.push({ key, image, stop: new AbortController(), end });
        }),
      );
      const name = image.source.kind === 'file' ? image.source.file.name : image.alt || 'image';
      return { key, name, state: 'uploading', share: 0, url: null, alt: image.alt };
    });
    this.#set([...this.#images, ...added]);
    return { keys: added.map(({ key }) => key), arrivals };
  }

  /** Asks for the alternative text of a file that is in the text already; returns its key. */
  ask(file: { name: string; url: string | null; documentId?: string | undefined }): number {
    imageCount += 1;
    const { name, url, documentId } = file;
    const asked: TextImage = { key: imageCount, name, state: 'describe', share: 1, url, alt: '' };
    this.#set([...this.#images, documentId ? { ...asked, asset: { documentId } } : asked]);
    return imageCount;
  }

  begin(work: QueueWork): void {
    while (this.#running.size < MAX_PARALLEL) {
      const job = this.#waiting.shift();
      if (!job) return;
      this.#running.set(job.key, job);
      void this.#send(job, work).finally(() => {
        this.#running.delete(job.key);
        // A stopped upload is no longer wanted: nothing is missing.
        job.end(true);
        this.begin(work);
      });
    }
  }

  async #send({ key, image, stop, end }: Job, work: QueueWork): Promise<void> {
    const fail = (error: string) => {
      work.forget(key);
      this.#change(key, { state: 'failed', error });
    };
    const file = fileOf(image.source, image.alt);
    if (!file) {
      fail(work.text('broken'));
      end(false);
      return;
    }
    try {
      const onProgress = (share: number) => this.#change(key, { share });
      const asset = await work.upload(file, image.alt, { onProgress, signal: stop.signal });
      if (stop.signal.aborted || this.#closed) return;
      if (await work.arrive(key, asset, image.alt))
        this.#change(key, { state: 'describe', share: 1, url: asset.thumbnailUrl ?? asset.url, asset });
      // The picture is in the library, but its place was deleted: the text lacks nothing.
      else this.#change(key, { state: 'failed', error: work.text('noPlace') });
    } catch (cause) {
      if (stop.signal.aborted || this.#closed) return;
      fail(cause instanceof Error ? cause.message : String(cause));
      end(false);
    }
  }

  /** Ends an upload; its picture does not come. */
  stop(key: number): void {
    const job = this.#running.get(key) ?? this.#waiting.find((each) => each.key === key);
    this.#waiting = this.#waiting.filter((each) => each !== job);
    job?.stop.abort();
    job?.end(true);
    this.dismiss(key);
  }

  dismiss(key: number): void {
    this.#set(this.#images.filter((each) => each.key !== key));
  }

  open(): void {
    this.#closed = false;
  }

  /** Ends all uploads, since their text is no longer there; returns their number. */
  close(): number {
    this.#closed = true;
    const left = [...this.#waiting, ...this.#running.values()];
    this.#waiting = [];
    for (const job of left) {
      job.stop.abort();
      job.end(true);
    }
    return left.length;
  }

  #change(key: number, part: Partial<TextImage>): void {
    this.#set(this.#images.map((each) => (each.key === key ? { ...each, ...part } : each)));
  }

  #set(images: readonly TextImage[]): void {
    this.#images = images;
    for (const listener of this.#listeners) listener();
  }
}
