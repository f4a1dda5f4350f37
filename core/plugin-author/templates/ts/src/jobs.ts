// What follows from a note that was stored.

import { type Jobs, type Subscriptions, data, queue } from "@cairn/plugin";
import { words } from "./rules.js";
import { NOTE, type Note, type NoteData } from "./types.js";

export const subscriptions: Subscriptions = {
  notes(event) {
    // What the plugin wrote itself comes by here as well.
    if (event.origin === "plugin:__id__") {
      return;
    }
    const id = event.documentId();
    // One that still waits for this note is enough: a job looks at how the note stands when it runs.
    queue.enqueue("measure", id, { key: id });
  },
};

export const jobs: Jobs = {
  measure(task) {
    const id = task.payload<string>();
    const note = data.get<Note>(NOTE, id);
    // Deleted since.
    if (note === undefined) {
      return;
    }
    const counted = words(note.body ?? "");
    // A job may come twice: the second time there is nothing left to do.
    if (note.words !== counted) {
      const changed: NoteData = { words: counted };
      data.update(NOTE, id, changed);
    }
  },
};
