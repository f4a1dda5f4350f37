declare module "cairn:plugin/data@0.1.0" {
  import type { Authority, DocumentRef, Json, Result, Status } from "cairn:plugin/types@0.1.0";
  export interface Query {
    contentType: string;
    filters: Json | null;
    sort: string[];
    fields: string[];
    populate: Json | null;
    locale: string | null;
    status: Status;
  }
  export type Paging =
    | { tag: "page" | "offset"; val: [number, number] }
    | { tag: "after"; val: [string | null, number] };
  export interface Find {
    query: Query;
    paging: Paging;
    withTotal: boolean;
    lock: boolean;
  }
  export interface GetMany {
    contentType: string;
    ids: string[];
    fields: string[];
    populate: Json | null;
    locale: string | null;
    status: Status;
    lock: boolean;
  }
  export type Measure = "count" | "sum" | "average" | "minimum" | "maximum";
  export interface Aggregate {
    query: Query;
    groupBy: string[];
    measures: [Measure, string][];
    limit: number;
  }
  export interface GroupMeasures {
    query: Query;
    groupBy: string[];
    measures: string[];
    limit: number;
  }
  export type ReadOp =
    | { tag: "find"; val: Find }
    | { tag: "get-many"; val: GetMany }
    | { tag: "count"; val: Query }
    | { tag: "aggregate"; val: Aggregate };
  export interface Rows {
    data: Json;
    returned: number;
    total: number | null;
    next: string | null;
  }
  export type Found = { tag: "rows"; val: Rows } | { tag: "count"; val: number };
  export type Transition = "publish" | "unpublish" | "discard-draft";
  export interface IdentifiedCreate {
    id: string;
    contentType: string;
    data: Json;
    locale: string | null;
    status: Status;
  }
  export type WriteOp =
    | { tag: "create"; val: { contentType: string; data: Json; locale: string | null; status: Status } }
    | { tag: "update"; val: { target: DocumentRef; data: Json; status: Status; expectVersion: number | null } }
    | {
        tag: "upsert";
        val: { contentType: string; key: Json; create: Json; update: Json; locale: string | null; status: Status };
      }
    | { tag: "delete"; val: { target: DocumentRef; expectVersion: number | null } }
    | { tag: "transition"; val: [DocumentRef, Transition] };
  export interface Written {
    target: DocumentRef;
    version: number;
    created: boolean;
  }
  export function read(reads: ReadOp[], rights: Authority): Result<Found>[];
  export function measureGroups(requests: GroupMeasures[], rights: Authority): Result<Rows>[];
  export function write(writes: WriteOp[], rights: Authority): Written[];
  export function createWithId(creates: IdentifiedCreate[], rights: Authority): Written[];
  export function describe(contentType: string): Json;
  export class Transaction {
    private constructor();
    static begin(): Transaction;
    static commit(transaction: Transaction): void;
    [Symbol.dispose](): void;
  }
  export class Scan {
    private constructor();
    static open(query: Query, rights: Authority): Scan;
    static resume(query: Query, position: string, rights: Authority): Scan;
    next(limit: number): Rows | null;
    position(): string;
    [Symbol.dispose](): void;
  }
}

declare module "cairn:plugin/kv@0.1.0" {
  export interface Entry {
    key: string;
    value: Uint8Array;
    revision: number;
  }
  export interface PutEntry {
    key: string;
    value: Uint8Array;
    expiresIn: number | null;
    expectRevision: number | null;
  }
  export function get(keys: string[]): (Entry | null)[];
  export function put(entries: PutEntry[]): void;
  function remove(keys: string[]): number;
  export { remove as delete };
  export function increment(key: string, by: number, expiresIn: number | null): number;
  export function listKeys(prefix: string, after: string | null, limit: number): string[];
}

declare module "cairn:plugin/events@0.1.0" {
  import type { Json } from "cairn:plugin/types@0.1.0";
  export interface Outgoing {
    name: string;
    key: string;
    data: Json;
    version: number;
  }
  export interface Narrowing {
    name: string;
    contentType: string | null;
    filters: Json | null;
  }
  export function publish(events: Outgoing[]): void;
  export function narrow(subscription: string, to: Narrowing[] | null): void;
}

declare module "cairn:plugin/policies@0.1.0" {
  export function invalidate(keys: string[]): void;
}

declare module "cairn:plugin/jobs@0.1.0" {
  import type { Json } from "cairn:plugin/types@0.1.0";
  export type Duplicate = "replace" | "keep" | "refuse";
  export interface Job {
    name: string;
    payload: Json;
    due: number | null;
    key: string | null;
    onDuplicate: Duplicate;
    lane: string | null;
  }
  export interface JobState {
    id: string;
    name: string;
    key: string | null;
    due: number;
    attempt: number;
    state: string;
    lastError: string | null;
  }
  export function enqueue(jobs: Job[]): string[];
  export function cancel(targets: [string, string][]): number;
  export function inspect(targets: [string, string][]): (JobState | null)[];
}

declare module "cairn:plugin/search@0.1.0" {
  import type { Json, Result } from "cairn:plugin/types@0.1.0";
  export interface Entry {
    id: string;
    locale: string | null;
    document: Json;
    audience: string[];
  }
  export interface FacetRequest {
    field: string;
    limit: number;
    ignoreOwnFilter: boolean;
  }
  export type Tolerance = "off" | "standard" | "generous";
  export interface Request {
    index: string;
    text: string;
    locale: string | null;
    filters: Json | null;
    facets: FacetRequest[];
    sort: string[];
    fields: string[];
    highlight: string[];
    typoTolerance: Tolerance;
    prefix: boolean;
    start: number;
    limit: number;
    audience: string[];
  }
  export interface Results {
    hits: { id: string; score: number; document: Json; highlights: [string, string][] }[];
    facets: { field: string; values: [string, number][] }[];
    total: number;
    suggestion: string | null;
  }
  export function put(index: string, entries: Entry[]): void;
  export function remove(index: string, ids: string[]): void;
  export function beginRebuild(index: string): string;
  export function finishRebuild(index: string): void;
  export function setSynonyms(index: string, locale: string, groups: string[][]): void;
  export function query(requests: Request[]): Result<Results>[];
}
