import type { AnyContent, EntryParameter, EntryUpdateOf, Exact, OneOf, ParametersOf, WriteParameter } from './content.js';
import { type RequestOptions, type Transport, toRequestOptions, type WriteOptions } from './transport.js';

/** The entry of a single type. */
export class Single<C extends AnyContent, U extends string> {
  readonly #transport: Transport;
  readonly #path: string;

  /** Made by `client.single(…)`. */
  constructor(transport: Transport, path: string) {
    this.#transport = transport;
    this.#path = path;
  }

  /** Reads the entry. Fails with 404 if it was never written. */
  find<const Q extends ParametersOf<C, U, EntryParameter> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, U, EntryParameter>>,
    options?: RequestOptions,
  ): Promise<OneOf<C, U, Q>> {
    return this.#transport.entry('GET', this.#path, { query }, options);
  }

  /**
   * Changes the entry, or creates it, and publishes it; with `status: 'draft'` only its draft. What `data` does not name stays. With `ifMatch` it
   * fails with 409 if the entry has changed since that version.
   */
  update<const Q extends ParametersOf<C, U, WriteParameter> = {}>(
    data: EntryUpdateOf<C, U>,
    query?: Q & Exact<Q, ParametersOf<C, U, WriteParameter>>,
    options?: WriteOptions,
  ): Promise<OneOf<C, U, Q>> {
    return this.#transport.entry('PUT', this.#path, { query, body: { data } }, options);
  }

  /** Deletes the entry in all languages, with `locale` only in that one. */
  async delete(query?: { locale?: string }, options?: WriteOptions): Promise<void> {
    await this.#transport.send('DELETE', this.#path, { query }, toRequestOptions(options));
  }
}
