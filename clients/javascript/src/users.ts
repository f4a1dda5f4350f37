import type { AnyContent, EntryOf, EntryUpdateOf, Exact, NewEntryOf, ParametersOf, PlainListParameter, UserUid } from './content.js';
import { isObject } from './error.js';
import type { RequestOptions, Transport } from './transport.js';

/** A user who has signed in. The client does not keep it: make another one with `token: jwt`, or pass `{ token: jwt }` to calls. */
export interface SignedIn<User> {
  jwt: string;
  /** For {@link Users.refresh}, where the server gives one. */
  refreshToken?: string;
  user: User;
}

/** The users of the site, and what they do for themselves. */
export class Users<C extends AnyContent> {
  readonly #transport: Transport;

  /** Made by the client. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Signs in with a name or an address. */
  signIn(identifier: string, password: string, options?: RequestOptions): Promise<SignedIn<EntryOf<C, UserUid, {}>>> {
    return this.#post('auth/local', { identifier, password }, isSignedIn, asPublic(options));
  }

  /** Registers a user. There is no `jwt` if they have to confirm their address first. */
  register(
    account: { username: string; email: string; password: string },
    options?: RequestOptions,
  ): Promise<{ jwt?: string; refreshToken?: string; user: EntryOf<C, UserUid, {}> }> {
    const hasUser = (body: unknown) => isObject(body) && isObject(body['user']);
    return this.#post('auth/local/register', account, hasUser, asPublic(options));
  }

  /** Mails a link for a new password, if there is an account with that address: the response does not say. */
  async forgotPassword(email: string, options?: RequestOptions): Promise<void> {
    await this.#post('auth/forgot-password', { email }, isObject, asPublic(options));
  }

  /** Sets a password by the code of a mailed link. */
  resetPassword(code: string, password: string, options?: RequestOptions): Promise<SignedIn<EntryOf<C, UserUid, {}>>> {
    const body = { code, password, passwordConfirmation: password };
    return this.#post('auth/reset-password', body, isSignedIn, asPublic(options));
  }

  /** Accepts an invitation by the code of a mailed link, with a password. */
  acceptInvitation(code: string, password: string, options?: RequestOptions): Promise<SignedIn<EntryOf<C, UserUid, {}>>> {
    const body = { code, password, passwordConfirmation: password };
    return this.#post('auth/accept-invitation', body, isSignedIn, asPublic(options));
  }

  /** Mails another invitation, if there is one for that address: the response does not say. */
  async requestInvitation(email: string, options?: RequestOptions): Promise<void> {
    await this.#post('auth/request-invitation', { email }, isObject, asPublic(options));
  }

  /** Mails another link that confirms an address. */
  async sendEmailConfirmation(email: string, options?: RequestOptions): Promise<void> {
    await this.#post('auth/send-email-confirmation', { email }, isObject, asPublic(options));
  }

  /** Exchanges a `refreshToken` for a new `jwt`. */
  refresh(refreshToken: string, options?: RequestOptions): Promise<{ jwt: string; refreshToken?: string }> {
    const hasToken = (body: unknown) => isObject(body) && typeof body['jwt'] === 'string';
    return this.#post('auth/refresh', { refreshToken }, hasToken, asPublic(options));
  }

  /** Changes the password of the user whose token the client has. */
  changePassword(currentPassword: string, password: string, options?: RequestOptions): Promise<SignedIn<EntryOf<C, UserUid, {}>>> {
    const body = { currentPassword, password, passwordConfirmation: password };
    return this.#post('auth/change-password', body, isSignedIn, options);
  }

  /** Ends the session of the token that the client has. */
  async signOut(options?: RequestOptions): Promise<void> {
    await this.#post('auth/logout', {}, isObject, options);
  }

  /** Reads the user whose token the client has. */
  me<const Q extends ParametersOf<C, UserUid, 'fields' | 'populate'> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, UserUid, 'fields' | 'populate'>>,
    options?: RequestOptions,
  ): Promise<EntryOf<C, UserUid, Q>> {
    return this.#transport.read('users/me', query, isObject, options);
  }

  /** Lists users: all that match, unless `pagination` says how many. */
  find<const Q extends ParametersOf<C, UserUid, PlainListParameter> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, UserUid, PlainListParameter>>,
    options?: RequestOptions,
  ): Promise<EntryOf<C, UserUid, Q>[]> {
    return this.#transport.read('users', query, Array.isArray, options);
  }

  /** Counts the users that match. */
  count<const Q extends ParametersOf<C, UserUid, 'filters'> = {}>(
    query?: Q & Exact<Q, ParametersOf<C, UserUid, 'filters'>>,
    options?: RequestOptions,
  ): Promise<number> {
    return this.#transport.read('users/count', query, (body) => typeof body === 'number', options);
  }

  /** Reads a user by their number or `documentId`; `null` if there is none. */
  async findOne<const Q extends ParametersOf<C, UserUid, 'fields' | 'populate'> = {}>(
    id: number | string,
    query?: Q & Exact<Q, ParametersOf<C, UserUid, 'fields' | 'populate'>>,
    options?: RequestOptions,
  ): Promise<EntryOf<C, UserUid, Q> | null> {
    return (await this.#transport.read<EntryOf<C, UserUid, Q> | undefined>(userPath(id), query, isObjectOrNothing, options)) ?? null;
  }

  /** Creates a user, without mails and confirmation. */
  create(data: NewEntryOf<C, UserUid>, options?: RequestOptions): Promise<EntryOf<C, UserUid, {}>> {
    return this.#post('users', data, isObject, options);
  }

  /** Changes a user. */
  update(id: number | string, data: EntryUpdateOf<C, UserUid>, options?: RequestOptions): Promise<EntryOf<C, UserUid, {}>> {
    return this.#transport.write('PUT', userPath(id), { body: data }, isObject, options);
  }

  /** Deletes a user, and returns who it was; `null` if there was none. */
  async delete(id: number | string, options?: RequestOptions): Promise<EntryOf<C, UserUid, {}> | null> {
    const deleted = this.#transport.write<EntryOf<C, UserUid, {}> | undefined>('DELETE', userPath(id), {}, isObjectOrNothing, options);
    return (await deleted) ?? null;
  }

  #post<T>(path: string, body: unknown, isRight: (body: unknown) => boolean, options: RequestOptions | undefined): Promise<T> {
    return this.#transport.write('POST', path, { body }, isRight, options);
  }
}

/** Whoever signs in is nobody yet: an API token of the client need not be allowed to, and an expired token would be refused. */
function asPublic(options: RequestOptions | undefined): RequestOptions {
  return { token: null, ...options };
}

function userPath(id: number | string): string {
  return `users/${encodeURIComponent(id)}`;
}

function isSignedIn(body: unknown): boolean {
  return isObject(body) && typeof body['jwt'] === 'string' && isObject(body['user']);
}

function isObjectOrNothing(body: unknown): boolean {
  return body === undefined || isObject(body);
}
