import type { AnyContent, EntryOf, Exact, FileUid, ParametersOf, PlainListParameter } from './content.js';
import { isObject } from './error.js';
import { type ResumableFileInfo, type ResumableOptions, uploadResumable } from './resumableUpload.js';
import type { RequestOptions, Transport } from './transport.js';

/** The texts and settings of a file. */
export interface FileInfo {
  /** The name with its extension, `cover.jpg`. */
  name?: string;
  /** What a picture shows, for those who cannot see it. */
  alternativeText?: string;
  caption?: string;
  /** The part of a picture that crops keep: each number from 0 to 1. */
  focalPoint?: { x: number; y: number };
  /** The number of a folder of the media library. */
  folder?: number;
  /** True for a file that only those may read who may read an entry with it. */
  private?: boolean;
}

type FileParameter = PlainListParameter | 'locale';

/** The files of the media library. */
export class Files<C extends AnyContent> {
  readonly #transport: Transport;

  /** Made by the client. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Lists files: all that match, unless `pagination` says how many. */
  find<const Q extends ParametersOf<C, FileUid, FileParameter> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, FileUid, FileParameter>>,
    options?: RequestOptions,
  ): Promise<EntryOf<C, FileUid, Q>[]> {
    return this.#transport.read('upload/files', query, Array.isArray, options);
  }

  /** Reads a file by its number. Fails with 404 if there is none. */
  findOne(id: number, options?: RequestOptions): Promise<EntryOf<C, FileUid, {}>> {
    return this.#transport.read(filePath(id), undefined, isObject, options);
  }

  /**
   * Uploads a file; write the `id` of what is returned to a media attribute. A `Blob` needs a name. Takes as long as it needs, unless the
   * options have a `timeout`.
   */
  async upload(file: Blob, info: FileInfo = {}, options?: RequestOptions): Promise<EntryOf<C, FileUid, {}>> {
    const isOne = (body: unknown) => Array.isArray(body) && isObject(body[0]);
    const content = { body: makeForm(file, info) };
    const [uploaded] = await this.#transport.write<[EntryOf<C, FileUid, {}>]>('POST', 'upload', content, isOne, { timeout: 0, ...options });
    return uploaded;
  }

  /**
   * Uploads a large file in pieces: what breaks off goes on where it was, as long as the call runs, and with `resume` also in a later one. Ends
   * with the file, whose `id` you write to a media attribute. `options.signal` pauses the upload; the server keeps what it has for 24 hours.
   */
  async uploadResumable(file: Blob, info: ResumableFileInfo = {}, options: ResumableOptions = {}): Promise<EntryOf<C, FileUid, {}>> {
    return (await uploadResumable(this.#transport, file, info, options)) as EntryOf<C, FileUid, {}>;
  }

  /** Gives up a resumable upload, by its id from `onProgress`. A file that it has become stays. */
  async discardUpload(id: string, options: RequestOptions = {}): Promise<void> {
    const headers = new Headers(options.headers);
    headers.set('tus-resumable', '1.0.0');
    await this.#transport.send('DELETE', `upload/resumable/${encodeURIComponent(id)}`, {}, { ...options, headers });
  }

  /** Replaces the bytes of a file, which keeps its number, its address and its texts. Needs the permission `replace`. */
  replace(id: number, file: Blob, info: FileInfo = {}, options?: RequestOptions): Promise<EntryOf<C, FileUid, {}>> {
    const content = { query: { id }, body: makeForm(file, info) };
    return this.#transport.write('POST', 'upload', content, isObject, { timeout: 0, ...options });
  }

  /** Changes the texts of a file. Needs the permission `replace`. */
  update(id: number, info: FileInfo, options?: RequestOptions): Promise<EntryOf<C, FileUid, {}>> {
    return this.#transport.write('POST', 'upload', { query: { id }, body: { fileInfo: info } }, isObject, options);
  }

  /** Deletes a file, and returns what it was. */
  delete(id: number, options?: RequestOptions): Promise<EntryOf<C, FileUid, {}>> {
    return this.#transport.write('DELETE', filePath(id), {}, isObject, options);
  }
}

function filePath(id: number): string {
  return `upload/files/${encodeURIComponent(id)}`;
}

function makeForm(file: Blob, info: FileInfo): FormData {
  const name = info.name ?? (file as { name?: string }).name;
  if (!name) throw new TypeError('a Blob has no name: add one, as in upload(blob, { name: "cover.jpg" })');
  const form = new FormData();
  form.append('files', file, name);
  form.append('fileInfo', JSON.stringify(info));
  return form;
}
