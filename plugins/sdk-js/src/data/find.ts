// Reading documents.

import * as raw from "cairn:plugin/data@0.1.0";
import type { Authority, Status } from "cairn:plugin/types@0.1.0";
import { PluginError, ask, unwrap } from "../error.js";
import { json, maybeText, parsed, small, text, texts } from "../lower.js";
import type { Fields, Row } from "./row.js";
import { Scan } from "./scan.js";

/** Some of a query's rows. */
export interface Page<T> {
  /** The rows, in the order asked for. */
  rows: Row<T>[];
  /** How many there are in all, where that was asked for. */
  total: number | undefined;
  /** What `after` takes to go on; undefined at the end. */
  next: string | undefined;
}

/** What is computed of a group of rows: their number, or a figure of a field. */
export type GroupMeasure = "count" | `${"sum" | "average" | "median" | "minimum" | "maximum"}.${string}`;

/** Figures of a group of rows. */
export interface Group {
  /** What the rows have in common, by the names that were grouped by. */
  group: Fields;
  count?: number;
  sum?: Fields;
  average?: Fields;
  median?: Fields;
  minimum?: Fields;
  maximum?: Fields;
}

/**
 * Asks for documents of a type: all of them, until it is told less.
 *
 * ```ts
 * const open = data.find<Event>("plugin::bookings.event").filter({ places: { $gt: 0 } }).sort("startsAt:asc").all(100);
 * ```
 */
export function find<T extends object = Fields>(contentType: string): Find<T> {
  return new Find<T>(contentType);
}

/** One document by its id; undefined where it is not there or may not be seen. */
export function get<T extends object = Fields>(contentType: string, id: string): Row<T> | undefined {
  return getMany<T>(contentType, [id])[0];
}

/** Documents by their ids, in that order, with undefined where one is not there or may not be seen. One call for all of them. */
export function getMany<T extends object = Fields>(contentType: string, ids: string[]): (Row<T> | undefined)[] {
  return find<T>(contentType).byIds(ids);
}

/** The schema of a content type, as the content-type builder serves it. */
export function describe(contentType: string): unknown {
  return parsed<unknown>(
    ask(() => raw.describe(text(contentType, "contentType"))),
    "schema",
  );
}

/** A query in the making. Each of its words changes it and returns it. */
export class Find<T extends object> {
  private readonly query: raw.Query;
  private readonly filters: unknown[] = [];
  private held = false;
  private rights: Authority = "plugin";

  /** Made by `find`. */
  constructor(contentType: string) {
    this.query = {
      contentType: text(contentType, "contentType"),
      filters: null,
      sort: [],
      fields: [],
      populate: null,
      locale: null,
      status: "published",
    };
  }

  /** Only what fits a filter of the REST API, e.g. `{ places: { $gt: 0 } }`. Several have to fit all. */
  filter(filter: object): this {
    this.filters.push(filter);
    const all = this.filters.length === 1 ? filter : { $and: this.filters };
    this.query.filters = json(all, "filters");
    return this;
  }

  /** In this order (`startsAt:asc`); several count one after the other. */
  sort(...by: string[]): this {
    this.query.sort.push(...texts(by, "sort"));
    return this;
  }

  /** Only these fields, instead of all that may be read. */
  fields(...names: string[]): this {
    this.query.fields.push(...texts(names, "fields"));
    return this;
  }

  /** With related documents: the populate object of the REST API, e.g. `{ event: { fields: ["title"] } }`. */
  populate(populate: object): this {
    this.query.populate = json(populate, "populate");
    return this;
  }

  /** In this locale, instead of the default one. */
  locale(locale: string | null | undefined): this {
    this.query.locale = maybeText(locale, "locale");
    return this;
  }

  /** Drafts, instead of what is published. A type without drafts has only the latter. */
  drafts(): this {
    return this.status("draft");
  }

  /** Drafts or what is published. */
  status(status: Status): this {
    this.query.status = status === "draft" ? "draft" : "published";
    return this;
  }

  /** Holds the rows until the transaction ends: nobody changes them meanwhile. */
  lock(): this {
    this.held = true;
    return this;
  }

  /** With no more rights than the actor of this call has. */
  asCaller(): this {
    this.rights = "caller";
    return this;
  }

  /** The first rows, at most so many. */
  all(limit: number): Row<T>[] {
    return this.rows({ tag: "offset", val: [0, small(limit, "limit")] }, false).rows;
  }

  /** The first row. */
  first(): Row<T> | undefined {
    return this.all(1)[0];
  }

  /** A page, counted from 1, and how many rows there are in all. */
  page(number: number, size: number): Page<T> {
    return this.rows({ tag: "page", val: [small(number, "page"), small(size, "size")] }, true);
  }

  /** The rows after those of the page that gave this cursor; undefined for the first. As fast at the end as at the beginning. */
  after(cursor: string | undefined, limit: number): Page<T> {
    return this.rows({ tag: "after", val: [maybeText(cursor, "cursor"), small(limit, "limit")] }, false);
  }

  /** How many rows there are. */
  count(): number {
    const found = this.ask({ tag: "count", val: this.query });
    if (found.tag === "count") {
      return found.val;
    }
    throw unexpected();
  }

  /**
   * What the rows come to, by groups (`[]`: all together). Dates and instants also by `day`, `week`, `month`, `quarter` or `year`, in UTC or a
   * zone (`due@month`, `createdAt@week@Europe/Amsterdam`): the group's value is the first day. What is sorted by is groups: `stage`,
   * `count:desc`, `sum.amount:desc`.
   */
  aggregate(groupBy: string[], measures: [measure: raw.Measure, field: string][], limit = 100): Group[] {
    const given = measures.map(([measure, field]): [raw.Measure, string] => [measure, text(field, "measures")]);
    const val = { query: this.query, groupBy: texts(groupBy, "groupBy"), measures: given, limit: small(limit, "limit") };
    return parsed<Group[]>(rows(this.ask({ tag: "aggregate", val })).data, "rows");
  }

  /**
   * The same, with measures as texts: `count`, or `sum`, `average`, `median`, `minimum` or `maximum` of a field (`median.amount`). A median is the
   * middle number, or the mean of the two middle ones, to the last digit.
   */
  measureGroups(groupBy: string[], measures: GroupMeasure[], limit = 100): Group[] {
    const given = { groupBy: texts(groupBy, "groupBy"), measures: texts(measures, "measures"), limit: small(limit, "limit") };
    const found = unwrap(ask(() => raw.measureGroups([{ query: this.query, ...given }], this.rights))[0]);
    return parsed<Group[]>(found.data, "rows");
  }

  /** The documents of these ids, in their order; filters and sort do not count. */
  byIds(ids: string[]): (Row<T> | undefined)[] {
    const { contentType, fields, populate, locale, status } = this.query;
    const val = { contentType, ids: texts(ids, "ids"), fields, populate, locale, status, lock: this.held };
    const found = parsed<(Row<T> | null)[]>(rows(this.ask({ tag: "get-many", val })).data, "rows");
    return found.map((row) => row ?? undefined);
  }

  /** A walk over all rows, however many, in bounded memory. Not in hooks. `from`: where a walk of an earlier call was. */
  scan(from?: string): Scan<T> {
    return new Scan<T>(
      ask(() =>
        from === undefined
          ? raw.Scan.open(this.query, this.rights)
          : raw.Scan.resume(this.query, text(from, "from"), this.rights),
      ),
    );
  }

  private rows(paging: raw.Paging, withTotal: boolean): Page<T> {
    const found = rows(this.ask({ tag: "find", val: { query: this.query, paging, withTotal, lock: this.held } }));
    return { rows: parsed<Row<T>[]>(found.data, "rows"), total: found.total ?? undefined, next: found.next ?? undefined };
  }

  private ask(read: raw.ReadOp): raw.Found {
    return unwrap(ask(() => raw.read([read], this.rights))[0]);
  }
}

function rows(found: raw.Found): raw.Rows {
  if (found.tag === "rows") {
    return found.val;
  }
  throw unexpected();
}

function unexpected(): PluginError {
  return new PluginError({ tag: "internal", val: "an answer of another kind than asked for" });
}
