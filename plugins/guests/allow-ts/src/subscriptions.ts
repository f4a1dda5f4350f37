// Counts what it hears, once each.

import { type Subscriptions, kv, once } from "@cairn/plugin";
import { leave } from "./types.js";

export const subscriptions: Subscriptions = {
  notes(event) {
    once(event.id, () => {
      kv.increment("events/notes");
      leave("event:notes", event.documentId());
    });
  },
};
