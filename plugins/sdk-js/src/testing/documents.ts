// Documents in memory: enough for a unit test, and an error for what they do not know.

import type * as raw from "cairn:plugin/data@0.1.0";
import type { Error as Fault, Result } from "cairn:plugin/types@0.1.0";

type Row = Record<string, unknown> & { documentId: string; version: number };

/** The documents of a fake host. */
export interface Documents {
  /** All of a type. */
  of(contentType: string): Row[];
  read(reads: raw.ReadOp[]): Result<raw.Found>[];
  write(writes: raw.WriteOp[]): raw.Written[];
  createWithId(creates: raw.IdentifiedCreate[]): raw.Written[];
}

/** Documents that begin as given. */
export function documents(given: Record<string, Record<string, unknown>[]>): Documents {
  const all = new Map<string, Row[]>();
  let made = 0;
  const of = (contentType: string): Row[] => {
    const rows = all.get(contentType) ?? [];
    all.set(contentType, rows);
    return rows;
  };
  for (const [contentType, rows] of Object.entries(given)) {
    of(contentType).push(...rows.map((row) => ({ version: 1, ...row }) as Row));
  }
  const at = (contentType: string, id: string): Row => {
    const row = of(contentType).find((row) => row.documentId === id);
    if (row === undefined) {
      throw { tag: "not-found", val: id } satisfies Fault;
    }
    return row;
  };
  const change = (contentType: string, id: string, data: string, expected: number | null): raw.Written => {
    const row = at(contentType, id);
    if (expected !== null && expected !== row.version) {
      throw { tag: "conflict", val: { kind: "version", existing: null, message: "it has moved on" } } satisfies Fault;
    }
    Object.assign(row, JSON.parse(data) as object, { version: row.version + 1 });
    return written(contentType, row, false);
  };
  const add = (contentType: string, documentId: string, data: string): raw.Written => {
    const row = { ...(JSON.parse(data) as object), documentId, version: 1 };
    of(contentType).push(row);
    return written(contentType, row, true);
  };
  const create = (contentType: string, data: string): raw.Written => {
    made += 1;
    return add(contentType, `made-${made}`, data);
  };
  const createWithId = ({ id, contentType, data }: raw.IdentifiedCreate): raw.Written => {
    if (of(contentType).some((row) => row.documentId === id)) {
      throw { tag: "conflict", val: { kind: "unique", existing: null, message: `there is a document ${id}` } } satisfies Fault;
    }
    return add(contentType, id, data);
  };
  const write = (op: raw.WriteOp): raw.Written => {
    switch (op.tag) {
      case "create":
        return create(op.val.contentType, op.val.data);
      case "update":
        return change(op.val.target.contentType, op.val.target.documentId, op.val.data, op.val.expectVersion);
      case "upsert": {
        const key = Object.entries(JSON.parse(op.val.key) as object);
        const there = of(op.val.contentType).find((row) => key.every(([name, value]) => row[name] === value));
        return there === undefined
          ? create(op.val.contentType, op.val.create)
          : change(op.val.contentType, there.documentId, op.val.update, null);
      }
      case "delete": {
        const { contentType, documentId } = op.val.target;
        const row = at(contentType, documentId);
        all.set(contentType, of(contentType).filter((other) => other !== row));
        return written(contentType, row, false);
      }
      case "transition":
        return written(op.val[0].contentType, at(op.val[0].contentType, op.val[0].documentId), false);
    }
  };
  const read = (op: raw.ReadOp): raw.Found => {
    switch (op.tag) {
      case "get-many":
        return found(op.val.ids.map((id) => of(op.val.contentType).find((row) => row.documentId === id) ?? null));
      case "count":
        return { tag: "count", val: fitting(of(op.val.contentType), op.val.filters).length };
      case "find": {
        const rows = fitting(of(op.val.query.contentType), op.val.query.filters);
        const [start, limit] = window(op.val.paging);
        return found(rows.slice(start, start + limit), rows.length);
      }
      case "aggregate":
        throw new Error("the fake host does not aggregate");
    }
  };
  const each = (op: raw.ReadOp): Result<raw.Found> => ({ tag: "ok", val: read(op) });
  return { of, read: (reads) => reads.map(each), write: (writes) => writes.map(write), createWithId: (creates) => creates.map(createWithId) };
}

function written(contentType: string, row: Row, created: boolean): raw.Written {
  return { target: { contentType, documentId: row.documentId, locale: null }, version: row.version, created };
}

function found(rows: (Row | null)[], total: number | null = null): raw.Found {
  return { tag: "rows", val: { data: JSON.stringify(rows), returned: rows.length, total, next: null } };
}

function window(paging: raw.Paging): [number, number] {
  switch (paging.tag) {
    case "page":
      return [(paging.val[0] - 1) * paging.val[1], paging.val[1]];
    case "offset":
      return paging.val;
    case "after":
      return [0, paging.val[1]];
  }
}

/** Filters of the form `{ field: { $eq: value } }`. */
function fitting(rows: Row[], filters: string | null): Row[] {
  const wanted = Object.entries((filters === null ? {} : JSON.parse(filters)) as Record<string, Record<string, unknown>>);
  for (const [field, rule] of wanted) {
    if (field.startsWith("$") || Object.keys(rule).some((operator) => operator !== "$eq")) {
      throw new Error(`the fake host filters by { field: { $eq: value } } only, not by ${filters}`);
    }
  }
  return rows.filter((row) => wanted.every(([field, rule]) => row[field] === rule["$eq"]));
}
