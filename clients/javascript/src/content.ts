// From the types of a project (`ContentTypes` in the file of `cairn types`) to the types of calls.

/** What the client has to know of a project: `ContentTypes` in the file of `cairn types` is such a type. */
export interface AnyContent {
  /** A content type, which a call fills in. */
  uid: string;
  /** A query, which a call fills in. */
  query: unknown;
  /** Kinds and routes of the content types, by their uid. */
  models: object;
  /** An entry of that type as that query reads it. */
  entry: unknown;
  /** The parameters that the type takes. */
  parameters: unknown;
  newEntry: unknown;
  entryUpdate: unknown;
}

/** The content of a project without types: every route there is, and entries with any fields. */
export interface UntypedContent {
  uid: string;
  query: unknown;
  // The kind is both: whoever asks for one gets it.
  models: { [uid: string]: { kind: any; route: string } };
  entry: { id: number; documentId: string; [field: string]: any };
  parameters: UntypedParameters;
  newEntry: { [field: string]: unknown };
  entryUpdate: { [field: string]: unknown };
}

/** The parameters of a query whose content type is not known. */
export interface UntypedParameters {
  fields?: string | readonly string[];
  populate?: unknown;
  filters?: { readonly [field: string]: unknown };
  sort?: unknown;
  pagination?: PagePosition | { start?: number; limit?: number; withCount?: boolean };
  status?: 'draft' | 'published';
  locale?: string;
  _q?: string;
}

/** Which page of a list is read. */
export interface PagePosition {
  page?: number;
  pageSize?: number;
  withCount?: boolean;
}

/** Uid of the type of files. */
export type FileUid = 'plugin::upload.file';
/** Uid of the type of users. */
export type UserUid = 'plugin::users-permissions.user';

/** The routes of all types of a kind: `articles`, `crm/leads`. */
export type RouteName<C extends AnyContent, Kind extends string> = {
  [U in keyof C['models']]: C['models'][U] extends { kind: Kind; route: infer Route extends string } ? Route : never;
}[keyof C['models']];

/** The uid of the content type at a route. */
export type UidAt<C extends AnyContent, Kind extends string, Route extends string> = {
  [U in keyof C['models'] & string]: C['models'][U] extends { kind: Kind; route: infer R } ? (Route extends R ? U : never) : never;
}[keyof C['models'] & string];

/** An entry as a query reads it. */
export type EntryOf<C extends AnyContent, U extends string, Q> = (C & { uid: U; query: Q })['entry'];
/** The values of a new entry. */
export type NewEntryOf<C extends AnyContent, U extends string> = (C & { uid: U })['newEntry'];
/** The values of an update. */
export type EntryUpdateOf<C extends AnyContent, U extends string> = (C & { uid: U })['entryUpdate'];
/** Some of the parameters of a query. */
export type ParametersOf<C extends AnyContent, U extends string, Name> = {
  [N in Name & keyof (C & { uid: U })['parameters']]?: (C & { uid: U })['parameters'][N];
};

/** Parameters of lists. */
export type ListParameter = 'fields' | 'populate' | 'filters' | 'sort' | 'pagination' | 'status' | 'locale' | '_q';
/** Parameters that say which entries are meant, and not what is read of them. */
export type CountParameter = 'filters' | 'status' | 'locale' | '_q';
/** Parameters of one entry. */
export type EntryParameter = 'fields' | 'populate' | 'filters' | 'status' | 'locale';
/** Parameters of writes: what is written, and what is read of it afterwards. */
export type WriteParameter = 'fields' | 'populate' | 'status' | 'locale';
/** Parameters of files and users, which have no drafts. */
export type PlainListParameter = 'fields' | 'populate' | 'filters' | 'sort' | 'pagination';

/** A name in a query that its content type does not have. */
export interface UnknownName<Name> {
  'there is no such name': Name;
}

/**
 * A query with an {@link UnknownName} wherever it has a name that `Known` does not have. TypeScript itself looks for such names only where a
 * type does not follow the argument.
 */
export type Exact<Given, Known> = unknown extends Known
  ? Given
  : [Known] extends [Given]
    ? Given
    : Given extends readonly unknown[]
      ? { [I in keyof Given]: Exact<Given[I], ItemOf<Known>> }
      : Given extends object
        ? { [N in keyof Given]: N extends NameOf<Known> ? Exact<Given[N], ValueOf<Known, N>> : UnknownName<N> }
        : Given;
type ItemOf<T> = T extends readonly (infer Item)[] ? Item : never;
type NameOf<T> = T extends readonly unknown[] ? never : T extends object ? keyof T : never;
type ValueOf<T, N> = T extends object ? (N extends keyof T ? T[N] : never) : never;

/** Where a page of a list is, in the terms in which it was asked for. */
export type PaginationOf<Q> = Q extends { pagination: infer P }
  ? (P extends { start: number } | { limit: number } ? { start: number; limit: number } : { page: number; pageSize: number }) &
      (P extends { withCount: false }
        ? unknown
        : P extends { start: number } | { limit: number }
          ? { total: number }
          : { pageCount: number; total: number })
  : { page: number; pageSize: number; pageCount: number; total: number };

/** The response for a list. */
export interface ListOf<C extends AnyContent, U extends string, Q> {
  data: EntryOf<C, U, Q>[];
  meta: { pagination: PaginationOf<Q> };
}

/** The response for one entry. */
export interface OneOf<C extends AnyContent, U extends string, Q> {
  data: EntryOf<C, U, Q>;
  meta: { [name: string]: unknown };
  /** The version of the entry, for `ifMatch` of a write; `undefined` where a proxy or a page's rules for other origins hide it. */
  version: string | undefined;
}
