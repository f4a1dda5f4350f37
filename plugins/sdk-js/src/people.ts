// The people who work in the admin: their ids, names and roles. Their ids are those of `call.actor` and of `mail.notify`. At most 100 are
// found at once.

import * as raw from "cairn:plugin/people@0.1.0";
import { ask } from "./error.js";
import { maybeText, small, texts } from "./lower.js";

/** Somebody who works in the admin. */
export interface Person {
  /** Stays when they are renamed. */
  id: string;
  /** First and last name; null for somebody who has entered neither. */
  name: string | null;
  /** Codes of their roles. */
  roles: string[];
  /** They may sign in. */
  active: boolean;
}

/** People of one page; `next` is where the next one begins, and null on the last one. */
export interface PeoplePage {
  people: Person[];
  next: string | null;
}

/** People with these ids, up to 100, also those who are not active any more. An id of nobody finds nobody. */
export function findByIds(ids: readonly string[]): Person[] {
  return ask(() => raw.find({ tag: "ids", val: texts(ids, "ids") }, null, 100)).people;
}

/** Active people whose name fits one of these texts: each word of the text begins a word of the name. An empty text fits everybody. */
export function findByNames(names: readonly string[], after?: string, limit = 100): PeoplePage {
  return ask(() => raw.find({ tag: "names", val: texts(names, "names") }, maybeText(after, "after"), small(limit, "limit")));
}

/** Active people who have one of these roles, by code. */
export function findByRoles(roles: readonly string[], after?: string, limit = 100): PeoplePage {
  return ask(() => raw.find({ tag: "roles", val: texts(roles, "roles") }, maybeText(after, "after"), small(limit, "limit")));
}
