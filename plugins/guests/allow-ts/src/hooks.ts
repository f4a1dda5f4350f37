// `allow-prepare` and `allow-before` do nothing but say yes (the benchmarks), `amend` sets a field from another, `refuse` turns down
// one title.

import { type Change, type Hooks, allow, amend, refuse } from "@cairn/plugin";
import type { Note } from "./types.js";

export const hooks: Hooks = {
  "allow-prepare": () => allow,
  "allow-before": () => allow,
  amend: (change) => amend({ loud: title(change).toUpperCase() }),
  refuse(change) {
    switch (title(change)) {
      case "bad":
        return refuse("title", "bad", "This title is not allowed.");
      case "broken":
        throw new TypeError("the title asked for an error");
      default:
        return allow;
    }
  },
};

function title(change: Change): string {
  return change.after<Note>()?.title ?? "";
}
