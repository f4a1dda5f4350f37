// Walking over any number of documents.

import type * as raw from "cairn:plugin/data@0.1.0";
import { ask } from "../error.js";
import { parsed, small } from "../lower.js";
import type { Row } from "./row.js";

/** A walk over the rows of a query, a slice at a time. Jobs keep its `position` as their checkpoint. */
export class Scan<T extends object> {
  private readonly scan: raw.Scan;

  /** Made by `Find.scan`. */
  constructor(scan: raw.Scan) {
    this.scan = scan;
  }

  /** The next rows, at most so many; undefined at the end. */
  next(limit: number): Row<T>[] | undefined {
    const rows = ask(() => this.scan.next(small(limit, "limit")));
    return rows === null ? undefined : parsed<Row<T>[]>(rows.data, "rows");
  }

  /** All slices, one after another. */
  *slices(limit: number): Generator<Row<T>[]> {
    for (let rows = this.next(limit); rows !== undefined; rows = this.next(limit)) {
      yield rows;
    }
  }

  /** Where the walk is, for `Find.scan` in a later call. */
  position(): string {
    return this.scan.position();
  }
}
