import { Collection } from './collection.js';
import type { AnyContent, RouteName, UidAt, UntypedContent } from './content.js';
import { Files } from './files.js';
import { listen, type LiveEvent, type LiveOptions } from './live.js';
import { Single } from './single.js';
import { type ClientOptions, type RequestContent, type RequestOptions, Transport } from './transport.js';
import { Users } from './users.js';

/** A client of one Cairn. It has no state but its options: one may serve all requests of a website. */
export class CairnClient<C extends AnyContent> {
  readonly #transport: Transport;
  /** Files of the media library. */
  readonly files: Files<C>;
  /** Users of the site; signing in and passwords. */
  readonly users: Users<C>;

  /** Made by {@link createClient}. */
  constructor(options: ClientOptions) {
    this.#transport = new Transport(options);
    this.files = new Files(this.#transport);
    this.users = new Users(this.#transport);
  }

  /** The entries of a collection type, by the name in its address: `articles`, of a plugin `crm/leads`. */
  collection<Route extends RouteName<C, 'collection'>>(route: Route): Collection<C, UidAt<C, 'collection', Route>> {
    return new Collection(this.#transport, encodeRoute(route));
  }

  /** The entry of a single type, by the name in its address: `homepage`. */
  single<Route extends RouteName<C, 'single'>>(route: Route): Single<C, UidAt<C, 'single', Route>> {
    return new Single(this.#transport, encodeRoute(route));
  }

  /**
   * Listens to changes of entries, of these content types or of all that the caller may list:
   * `for await (const event of client.listen(['api::article.article'])) …`. Begins with `ready` once it is connected, and connects again by itself
   * when the connection breaks off: changes of meanwhile follow, or `reset` where the server no longer has them. Ends with `signal` or with the loop;
   * throws a {@link CairnError} if the caller may not listen, or no longer.
   */
  listen(types?: readonly (keyof C['models'] & string)[], options?: LiveOptions): AsyncGenerator<LiveEvent<C>, void, undefined> {
    return listen<C>(this.#transport, types, options);
  }

  /** Calls any other route below `/api`, of a plugin for example, and returns its JSON; `undefined` if the response is empty. */
  async request<T = unknown>(method: string, path: string, content: RequestContent = {}, options?: RequestOptions): Promise<T> {
    return (await this.#transport.send(method, path, content, options)) as T;
  }
}

/** Makes a client of a Cairn. `C`: the `ContentTypes` of the file of `cairn types`; without it, any field may be read and written. */
export function createClient<C extends AnyContent = UntypedContent>(options: ClientOptions): CairnClient<C> {
  return new CairnClient<C>(options);
}

function encodeRoute(route: string): string {
  return route.split('/').map(encodeURIComponent).join('/');
}
