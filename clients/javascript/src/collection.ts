import type {
  AnyContent,
  CountParameter,
  EntryOf,
  EntryParameter,
  EntryUpdateOf,
  Exact,
  ListOf,
  ListParameter,
  NewEntryOf,
  OneOf,
  ParametersOf,
  WriteParameter,
} from './content.js';
import { isList, type RequestOptions, type Transport, toRequestOptions, type WriteOptions } from './transport.js';

/** The entries of a collection type. */
export class Collection<C extends AnyContent, U extends string> {
  readonly #transport: Transport;
  readonly #path: string;

  /** Made by `client.collection(…)`. */
  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  /** Reads a page of entries, the first 25 unless the query says something else. */
  find<const Q extends ParametersOf<C, U, ListParameter> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, U, ListParameter>>,
    options?: RequestOptions,
  ): Promise<ListOf<C, U, Q>> {
    return this.#transport.read(this.#path, query, isList, options);
  }

  /**
   * Reads all entries, page by page: a page is requested when the loop has come to it. `pagination.pageSize` says how many entries a request
   * reads, at most as many as the server allows. Entries that are created or deleted meanwhile move the others: sort by something that stays.
   */
  async *findAll<const Q extends ParametersOf<C, U, ListParameter> & { pagination?: { pageSize?: number } } = {}>(
    query?: Q & Exact<Q, Omit<ParametersOf<C, U, ListParameter>, 'pagination'> & { pagination?: { pageSize?: number } }>,
    options?: RequestOptions,
  ): AsyncGenerator<EntryOf<C, U, Q>, void, undefined> {
    for (let page = 1; ; page += 1) {
      const asked = { ...query, pagination: { pageSize: 100, ...query?.pagination, page } };
      const { data, meta } = await this.#transport.read<ListOf<C, U, {}>>(this.#path, asked, isList, options);
      yield* data as EntryOf<C, U, Q>[];
      // An empty page ends it, too, whatever a server counts.
      if (data.length === 0 || !(page < meta.pagination.pageCount)) return;
    }
  }

  /** Counts the entries that match. */
  async count<const Q extends ParametersOf<C, U, CountParameter> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, U, CountParameter>>,
    options?: RequestOptions,
  ): Promise<number> {
    const asked = { ...query, fields: ['documentId'], pagination: { page: 1, pageSize: 1 } };
    return (await this.#transport.read<ListOf<C, U, {}>>(this.#path, asked, isList, options)).meta.pagination.total;
  }

  /** Reads an entry. Fails with 404 if there is none. */
  findOne<const Q extends ParametersOf<C, U, EntryParameter> = {}>(
    documentId: string,
    query?: Q & Exact<Q, ParametersOf<C, U, EntryParameter>>,
    options?: RequestOptions,
  ): Promise<OneOf<C, U, Q>> {
    return this.#transport.entry('GET', this.#entryPath(documentId), { query }, options);
  }

  /** Creates an entry and publishes it, with `status: 'draft'` only creates it. Returns it as the query reads it. */
  create<const Q extends ParametersOf<C, U, WriteParameter> = {}>(
    data: NewEntryOf<C, U>,
    query?: Q & Exact<Q, ParametersOf<C, U, WriteParameter>>,
    options?: RequestOptions,
  ): Promise<OneOf<C, U, Q>> {
    return this.#transport.entry('POST', this.#path, { query, body: { data } }, options);
  }

  /**
   * Changes an entry and publishes it, with `status: 'draft'` only its draft. What `data` does not name stays. With `ifMatch` it fails with 409
   * if the entry has changed since that version.
   */
  update<const Q extends ParametersOf<C, U, WriteParameter> = {}>(
    documentId: string,
    data: EntryUpdateOf<C, U>,
    query?: Q & Exact<Q, ParametersOf<C, U, WriteParameter>>,
    options?: WriteOptions,
  ): Promise<OneOf<C, U, Q>> {
    return this.#transport.entry('PUT', this.#entryPath(documentId), { query, body: { data } }, options);
  }

  /** Deletes an entry in all languages, with `locale` only in that one. */
  async delete(documentId: string, query?: { locale?: string }, options?: WriteOptions): Promise<void> {
    await this.#transport.send('DELETE', this.#entryPath(documentId), { query }, toRequestOptions(options));
  }

  #entryPath(documentId: string): string {
    return `${this.#path}/${encodeURIComponent(documentId)}`;
  }
}
