// Answers to requests.

import { type Routes, data, replyJson } from "@cairn/plugin";
import { NOTE, type Note } from "./types.js";

export const routes: Routes = {
  /** The titles of the newest notes. */
  latest() {
    const notes = data.find<Note>(NOTE).sort("createdAt:desc").all(10);
    return replyJson(200, { data: notes.map((note) => note.title) });
  },
};
