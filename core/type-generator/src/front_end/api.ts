/** The content types, components, files and users of this project, by their uid. */
type Uid = keyof Models;

/** Uids of content types. Components have no entries of their own. */
export type ContentTypeUid = { [U in Uid]: Models[U] extends { kind: 'component' } ? never : U }[Uid];

/** Uids of components. */
export type ComponentUid = Exclude<Uid, ContentTypeUid>;

/** One entry, or none: `null`. */
interface One<Target extends string> { kind: 'one'; target: Target }
/** A list of entries, which may be empty. */
interface Many<Target extends string> { kind: 'many'; target: Target }
/** A list of components of several kinds, each with its `__component`. */
interface Zone<Target extends string> { kind: 'zone'; target: Target }
/** An entry of any content type, or none. */
interface AnyOne { kind: 'anyOne' }
/** Entries of any content types. */
interface AnyMany { kind: 'anyMany' }

/** What responses always have. */
interface DocumentFields { id: number; documentId: string; createdAt: string; updatedAt: string; publishedAt: string }

/** An entry whose content type is known only when it is read. */
export type AnyEntry = { __type: string; id: number; documentId: string; [field: string]: unknown };

/** A value of a `json` attribute. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A node of a `blocks` attribute. */
export type Block = { type: string; children: BlockChild[]; [property: string]: unknown };
/** What is inside of a block: text, a link, an item of a list. */
export type BlockChild = { type: string; text?: string; url?: string; children?: BlockChild[]; [property: string]: unknown };

/** A smaller version of a picture. */
export type ImageFormat = {
  name: string; hash: string; ext: string; mime: string; url: string; path: string | null;
  width: number; height: number; size: number; sizeInBytes: number;
};

type Simplify<T> = { [K in keyof T]: T[K] };
type Fields<U extends Uid> = Models[U]['fields'];
type Links<U extends Uid> = Models[U]['links'];
type LinkName<U extends Uid> = keyof Links<U> & string;
/** Attributes that a draft may lack although they are required. */
type RequiredField<U extends Uid> = Models[U] extends { required: infer R } ? R : never;
/** Attributes that a response has only if `fields` names them. */
type OnRequest<U extends Uid> = Models[U] extends { onRequest: infer R } ? R : never;
type TargetOf<L> = L extends { target: infer T extends Uid } ? T : never;

// ---- what is read ----

/** The fields of an entry as a query selects them: `id` and `documentId` are always there. */
type ReadFields<U extends Uid, Q> = Q extends { fields: infer F }
  ? F extends '*' | readonly ['*'] ? AllFields<U, Q>
  : Pick<NullableInDrafts<U, Q>, ((F extends readonly (infer N)[] ? N : F) | 'id' | 'documentId') & keyof Fields<U>>
  : AllFields<U, Q>;
type AllFields<U extends Uid, Q> = Omit<NullableInDrafts<U, Q>, OnRequest<U> & PropertyKey>;
type NullableInDrafts<U extends Uid, Q> = Q extends { status: 'draft' }
  ? { [K in keyof Fields<U>]: K extends RequiredField<U> | 'publishedAt' ? Fields<U>[K] | null : Fields<U>[K] }
  : Fields<U>;

/** The name before the first dot of a path. */
type Head<Path> = Path extends `${infer H}.${string}` ? H : Path;
/** What follows a name and its dot in paths; `never` where nothing does. */
type Tail<Path, Name extends string> = Path extends `${Name}.${infer Rest}` ? Rest : never;
type Split<Names> = Names extends `${infer First},${infer Rest}` ? First | Split<Rest> : Names;

type ReadPaths<U extends Uid, Paths, S> = {
  [N in Head<Paths> & LinkName<U>]: ReadLink<Links<U>[N], [Tail<Paths, N>] extends [never] ? S : S & { populate: Tail<Paths, N>[] }>;
};

/** The relations, files, components and zones that `populate` adds. */
type ReadPopulate<U extends Uid, P, S> = [P] extends ['*'] | [true]
  ? { [N in LinkName<U>]: ReadLink<Links<U>[N], S> }
  : P extends string ? ReadPaths<U, Split<P>, S>
  : P extends readonly (infer Paths)[] ? ReadPaths<U, Split<Paths>, S>
  : P extends object ? { [N in keyof P & LinkName<U> as P[N] extends false ? never : N]: ReadLink<Links<U>[N], P[N] extends true ? S : P[N] & S> }
  : unknown;

type ReadLink<L, Q> = Q extends { count: true } ? { count: number }
  : L extends One<string> ? Read<TargetOf<L>, Q> | null
  : L extends Many<string> ? Read<TargetOf<L>, Q>[]
  : L extends Zone<string> ? ReadZone<TargetOf<L>, Q>[]
  : L extends AnyOne ? AnyEntry | null
  : L extends AnyMany ? AnyEntry[]
  : never;

type ReadZone<T extends Uid, Q> = Q extends { on: infer Fragments }
  ? T extends keyof Fragments ? ReadZoneItem<T, Fragments[T] extends true ? unknown : Fragments[T]> : never
  : T extends Uid ? ReadZoneItem<T, Q> : never;
type ReadZoneItem<T extends Uid, Q> = Simplify<{ __component: T } & ReadFields<T, Q> & (Q extends { populate: infer P } ? ReadPopulate<T, P, unknown> : unknown)>;

/** The status that what is populated has, too. */
type StatusOf<Q> = Q extends { status: infer S } ? { status: S } : unknown;
type Read<U extends Uid, Q> = Simplify<ReadFields<U, Q> & (Q extends { populate: infer P } ? ReadPopulate<U, P, StatusOf<Q>> : unknown)>;

/**
 * An entry as it is read with a query. Relations, files, components and zones are there if `populate` names them; with `fields` only the named fields,
 * `id` and `documentId` are. What the role of the caller may not read is missing as well, which types cannot know.
 */
export type Entry<U extends ContentTypeUid, Q extends Query<U> = {}> = Read<U, Q>;

/** A component as it is read. */
export type ComponentValue<U extends ComponentUid, Q = {}> = Read<U, Q>;

/** The response of a single type, or for one entry. */
export type EntryResponse<U extends ContentTypeUid, Q extends Query<U> = {}> = { data: Entry<U, Q>; meta: { [key: string]: unknown } };

/** The response for a list. */
export type ListResponse<U extends ContentTypeUid, Q extends Query<U> = {}> = { data: Entry<U, Q>[]; meta: { pagination: Pagination } };

/** Where a page of a list is. `pageCount` and `total` are missing with `withCount: false`. */
export type Pagination = { page: number; pageSize: number; pageCount: number; total: number };

// ---- what is asked ----

type FieldName<U extends Uid> = keyof Fields<U> & string;
type Value<T> = Exclude<T, null>;

/** Conditions on one field. */
export type Conditions<T> = {
  $eq?: T | null; $ne?: T | null; $eqi?: T; $nei?: T; $lt?: T; $lte?: T; $gt?: T; $gte?: T;
  $in?: readonly T[]; $notIn?: readonly T[]; $between?: readonly [T, T]; $null?: boolean; $notNull?: boolean;
  $contains?: string; $notContains?: string; $containsi?: string; $notContainsi?: string;
  $startsWith?: string; $startsWithi?: string; $endsWith?: string; $endsWithi?: string;
  $not?: Conditions<T>;
};

/** Conditions on entries, their relations and their components. */
export type Filters<U extends Uid> = {
  [N in FieldName<U>]?: Value<Fields<U>[N]> | null | readonly Value<Fields<U>[N]>[] | Conditions<Value<Fields<U>[N]>>;
} & {
  [N in LinkName<U>]?: Links<U>[N] extends One<string> | Many<string>
    ? Filters<TargetOf<Links<U>[N]>> | Conditions<number | string> | number | string | null
    : never;
} & { $and?: readonly Filters<U>[]; $or?: readonly Filters<U>[]; $not?: Filters<U> };

type SortKey<U extends Uid> = FieldName<U> | `${FieldName<U>}:${'asc' | 'desc'}`;
type SortObject<U extends Uid> = { [N in FieldName<U>]?: 'asc' | 'desc' } & {
  [N in LinkName<U>]?: Links<U>[N] extends One<string> | Many<string> ? SortObject<TargetOf<Links<U>[N]>> : never;
};

/** What `populate` takes: names and paths with dots, a list of them, `*`, or an object. */
export type Populate<U extends Uid> = '*' | true | Paths<U> | readonly Paths<U>[] | { [N in LinkName<U>]?: PopulateLink<Links<U>[N]> };
type Paths<U extends Uid> = LinkName<U> | `${LinkName<U>}${'.' | ','}${string}`;
type PopulateLink<L> = boolean | (L extends Zone<string>
  ? { on?: { [T in TargetOf<L>]?: true | NestedQuery<T> }; populate?: '*'; count?: true }
  : L extends One<string> | Many<string> ? NestedQuery<TargetOf<L>> : { count?: true });
type NestedQuery<U extends Uid> = {
  fields?: FieldName<U> | '*' | readonly (FieldName<U> | '*')[];
  populate?: Populate<U>;
  filters?: Filters<U>;
  sort?: SortKey<U> | readonly SortKey<U>[] | SortObject<U> | readonly SortObject<U>[];
  count?: true;
};

/** The parameters of a request. */
export type Query<U extends ContentTypeUid> = Omit<NestedQuery<U>, 'count'> & {
  pagination?: { page?: number; pageSize?: number; withCount?: boolean } | { start?: number; limit?: number; withCount?: boolean };
  status?: 'draft' | 'published';
  locale?: string;
  _q?: string;
};

// ---- what is written ----

/** A related entry: its `documentId`, its number, or an object with one of these. */
export type EntryReference = string | number | { documentId: string; locale?: string; status?: 'draft' | 'published' } | { id: number };
type PlacedReference = EntryReference | { documentId: string; position?: { before: string } | { after: string } | { start: true } | { end: true } };
type RelationInput = null | EntryReference | readonly EntryReference[] | { set: readonly EntryReference[] }
  | { connect?: PlacedReference | readonly PlacedReference[]; disconnect?: EntryReference | readonly EntryReference[] };
/** A file: its number, or an object with it. */
type FileInput = number | { id: number };

type LinkInput<L> = L extends { kind: 'zone' } ? readonly ZoneInput<TargetOf<L>>[]
  : L extends One<'plugin::upload.file'> ? FileInput | null
  : L extends Many<'plugin::upload.file'> ? readonly FileInput[] | null
  : TargetOf<L> extends ComponentUid & infer T extends ComponentUid ? L extends Many<string> ? readonly ComponentInput<T>[] : ComponentInput<T> | null
  : RelationInput;
type ZoneInput<T extends Uid> = T extends ComponentUid ? { __component: T } & ComponentInput<T> : never;
type ComponentInput<U extends ComponentUid> = { id?: number } & InputValues<U>;
type InputValues<U extends Uid> = { [N in Exclude<FieldName<U>, Unwritten>]?: Fields<U>[N] | null }
  & { [N in Exclude<LinkName<U>, 'localizations'>]?: LinkInput<Links<U>[N]> }
  & (Models[U] extends { secret: infer S } ? { [N in keyof S]?: S[N] | null } : unknown);
type Unwritten = keyof DocumentFields | 'locale';

/** The values of an update: what is missing stays as it is, and `null` empties. */
export type EntryUpdate<U extends ContentTypeUid> = InputValues<U>;

/** The values of a new entry: what is required and has no default has to be there. */
export type NewEntry<U extends ContentTypeUid> = EntryUpdate<U> & { [N in NeededField<U>]: Exclude<EntryUpdate<U>[N & keyof EntryUpdate<U>], null | undefined> };
type NeededField<U extends Uid> = (Models[U] extends { needed: infer R } ? R : never) & PropertyKey;

// ---- for programs that work with every project ----

/**
 * All of the above as one type, for libraries that know no project, such as `@cairn/client`. They fill in a content type and a query:
 * `(ContentTypes & { uid: 'api::article.article'; query: { populate: ['author'] } })['entry']`.
 */
export interface ContentTypes {
  uid: ContentTypeUid;
  query: unknown;
  models: Models;
  entry: Read<this['uid'], this['query']>;
  parameters: Query<this['uid']>;
  newEntry: NewEntry<this['uid']>;
  entryUpdate: EntryUpdate<this['uid']>;
}
