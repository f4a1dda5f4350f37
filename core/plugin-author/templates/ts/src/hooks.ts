// Decisions before a note is stored.

import { type Hooks, allow, amend, refuse } from "@cairn/plugin";
import { tidy } from "./rules.js";

/** What `select` in plugin.toml shows of a note. */
interface Seen {
  title?: string | null;
}

export const hooks: Hooks = {
  tidy(change) {
    const title = change.after<Seen>()?.title;
    if (typeof title !== "string") {
      return allow;
    }
    const tidied = tidy(title);
    if (tidied === undefined) {
      return refuse("title", "blank", "A title cannot be blank.");
    }
    return tidied === title ? allow : amend({ title: tidied });
  },
};
