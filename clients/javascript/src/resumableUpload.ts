import { CairnError, isObject } from './error.js';
import type { FileInfo } from './files.js';
import { type RequestOptions, sleep, type Transport } from './transport.js';

/** How much is sent at once, unless something else is said: what a connection that breaks off loses at most. */
const DEFAULT_PIECE_SIZE = 16 << 20;
/** Milliseconds that a piece may take, unless something else is said. */
const DEFAULT_TIMEOUT = 600_000;
/** How often in a row a piece may fail, unless something else is said: with the pauses between, a server may be away for about a minute. */
const DEFAULT_RETRIES = 8;
/** The first pause after a failure, in milliseconds; each further one is twice as long. */
const FIRST_PAUSE = 500;
const MAX_PAUSE = 15_000;
/** Statuses after which the upload goes on from where the server says that it is. */
const PASSING = [408, 409, 423, 429, 460, 500, 502, 503, 504];
const ROUTE = 'upload/resumable';

/** How far an upload is. */
export interface UploadProgress {
  /** The id of the upload, for `resume`. */
  id: string;
  /** Bytes that the server has stored. */
  uploaded: number;
  /** Bytes of the file. */
  total: number;
}

/** Options of a resumable upload. `timeout` is the time of a piece, by default 10 minutes; `retries` how often in a row one may fail, by default 8. */
export interface ResumableOptions extends RequestOptions {
  /** The id of an upload that was begun before, from `onProgress`: it goes on where it broke off. One that the server no longer has begins anew. */
  resume?: string | undefined;
  /** Called when the upload begins, and after each piece. */
  onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Bytes of a piece, by default 16 MiB. */
  pieceSize?: number | undefined;
}

/** The texts and settings of a file that is uploaded in pieces. */
export type ResumableFileInfo = Omit<FileInfo, 'focalPoint'>;

/** Uploads a file in pieces (tus 1.0.0), and goes on after failures that pass. Returns the file. */
export async function uploadResumable(transport: Transport, file: Blob, info: ResumableFileInfo, options: ResumableOptions): Promise<unknown> {
  const { resume, onProgress, pieceSize = DEFAULT_PIECE_SIZE, retries = DEFAULT_RETRIES, timeout = DEFAULT_TIMEOUT, ...rest } = options;
  if (!(pieceSize >= 1)) throw new TypeError('`pieceSize` must be a number of bytes, at least 1');
  const upload = new PiecewiseUpload(transport, file, { ...rest, timeout, retries: 0 });
  const signal = rest.signal ?? undefined;
  let failures = 0;
  /** Repeats a step until it succeeds, fails for good, or has failed too often. */
  const insist = async (step: () => Promise<void>): Promise<void> => {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        if (!isPassing(error) || failures >= retries) throw error;
        const pause = (error as CairnError).retryAfter;
        await sleep(pause === undefined ? Math.min(MAX_PAUSE, FIRST_PAUSE * 2 ** failures) : pause * 1000, signal);
        failures += 1;
        upload.mayHaveMoved = true;
      }
    }
  };
  await insist(() => (resume === undefined ? upload.begin(info) : upload.resume(resume, info)));
  failures = 0;
  for (;;) {
    onProgress?.({ id: upload.id, uploaded: upload.offset, total: file.size });
    if (upload.offset >= file.size) break;
    await insist(() => upload.sendPiece(pieceSize));
    failures = 0;
  }
  await insist(() => upload.readState());
  if (isObject(upload.file)) return upload.file;
  throw upload.fail('the upload is complete, but became no file');
}

/** True for failures after which the next attempt may succeed. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof CairnError)) return false;
  return error.kind === 'network' || error.kind === 'timeout' || PASSING.includes(error.status ?? 0);
}

/** One upload, and what the server has of it. */
class PiecewiseUpload {
  id = '';
  offset = 0;
  file: unknown;
  /** True after a failure: the server may have more than the client knows, or nothing at all. */
  mayHaveMoved = false;
  readonly #transport: Transport;
  readonly #file: Blob;
  readonly #options: RequestOptions;

  constructor(transport: Transport, file: Blob, options: RequestOptions) {
    this.#transport = transport;
    this.#file = file;
    this.#options = options;
  }

  /** Begins the upload. */
  async begin(info: ResumableFileInfo): Promise<void> {
    const headers = { 'upload-length': String(this.#file.size), 'upload-metadata': encodeMetadata(this.#file, info) };
    const answer = await this.#transport.exchange('POST', ROUTE, {}, this.#with(headers));
    const id = /\/([\w-]+)$/.exec(answer.headers.get('location') ?? '')?.[1];
    // Pages of other origins read it only where the server allows it.
    if (id === undefined) throw this.fail('the response does not say where the upload is');
    this.id = id;
    this.offset = 0;
  }

  /** Goes on with an upload, or begins it anew where the server no longer has it. */
  async resume(id: string, info: ResumableFileInfo): Promise<void> {
    this.id = id;
    try {
      await this.readState();
    } catch (error) {
      if (!(error instanceof CairnError) || error.status !== 404) throw error;
      await this.begin(info);
    }
  }

  /** Sends the next piece, from where the server is. */
  async sendPiece(size: number): Promise<void> {
    if (this.mayHaveMoved) {
      await this.readState();
      if (this.offset >= this.#file.size) return;
    }
    const piece = this.#file.slice(this.offset, this.offset + size, 'application/offset+octet-stream');
    const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(this.offset) };
    const answer = await this.#transport.exchange('PATCH', this.#path(), { body: piece }, this.#with(headers));
    const offset = Number(answer.headers.get('upload-offset') ?? Number.NaN);
    if (!(offset > this.offset)) throw this.fail('the response does not say how far the upload is');
    this.offset = offset;
  }

  /** Asks how far the upload is, and which file it has become. */
  async readState(): Promise<void> {
    const { body } = await this.#transport.exchange('GET', this.#path(), {}, this.#options);
    const state = isObject(body) ? body['data'] : undefined;
    if (!isObject(state) || typeof state['offset'] !== 'number') throw this.fail('the response does not say how far the upload is');
    if (state['length'] !== this.#file.size) {
      throw new TypeError(`the upload was begun with a file of ${String(state['length'])} bytes, but this one has ${this.#file.size}`);
    }
    this.offset = state['offset'];
    this.file = state['file'];
    this.mayHaveMoved = false;
  }

  fail(problem: string): CairnError {
    const path = `/api/${this.id === '' ? ROUTE : this.#path()}`;
    return new CairnError(`${path}: ${problem}`, { kind: 'response', name: 'ResponseError', method: 'GET', path });
  }

  #path(): string {
    return `${ROUTE}/${encodeURIComponent(this.id)}`;
  }

  #with(names: { [name: string]: string }): RequestOptions {
    const headers = new Headers(this.#options.headers);
    for (const [name, value] of Object.entries({ 'tus-resumable': '1.0.0', ...names })) headers.set(name, value);
    return { ...this.#options, headers };
  }
}

/** The name, type and texts of a file, as tus sends them. */
function encodeMetadata(file: Blob, info: ResumableFileInfo): string {
  const { name = (file as { name?: string }).name, alternativeText, caption, folder } = info;
  if (!name) throw new TypeError('a Blob has no name: add one, as in uploadResumable(blob, { name: "film.mp4" })');
  const pairs = { filename: name, filetype: file.type, alternativeText, caption, folder, private: info.private };
  const given = Object.entries(pairs).filter(([, value]) => value !== undefined && value !== '');
  return given.map(([key, value]) => `${key} ${encodeBase64(String(value))}`).join(',');
}

function encodeBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
