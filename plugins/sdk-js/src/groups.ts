// Groups that the plugin gives to users of the API. Every name begins with the plugin's id: `journey:assembly`. What is set joins the open
// transaction, and holds from its commit on.

import * as raw from "cairn:plugin/groups@0.1.0";
import { ask } from "./error.js";
import { maybeText, small, text, texts } from "./lower.js";

/** Users of a group; `next` is where the next page begins, and null on the last one. */
export interface Members {
  users: string[];
  next: string | null;
}

/** Gives a user these groups, in place of those that they have from this plugin. */
export function set(user: string, groups: readonly string[]): void {
  ask(() => raw.setGroups(text(user, "user"), texts(groups, "groups")));
}

/** The groups that a user has from this plugin, sorted. */
export function list(user: string): string[] {
  return ask(() => raw.listGroups(text(user, "user")));
}

/** The ids of users who have a group of this plugin, behind `after`; at most 1,000. */
export function members(group: string, after?: string, limit = 1000): Members {
  return ask(() => raw.listMembers(text(group, "group"), maybeText(after, "after"), small(limit, "limit")));
}
