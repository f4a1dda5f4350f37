// `steps` does some things in a transaction and ends as it is told; `slices` goes on from its checkpoint.

import { type Jobs, again, data, dead, done, kv, queue, random, retry, transaction } from "@cairn/plugin";
import { LOG, type Note, NOTE, leave } from "./types.js";

interface Steps {
  name: string;
  /** How it ends: not well where it is one of these. */
  fail?: "commit" | "error" | "retry" | "dead" | "async";
}

export const jobs: Jobs = {
  steps(task) {
    const { name, fail } = task.payload<Steps>();
    if (fail === "retry") {
      return retry("told to", 50);
    }
    if (fail === "dead") {
      return dead("told to");
    }
    if (fail === "async") {
      // A handler in plain JavaScript may return a promise, whatever the types say.
      return Promise.resolve(done()) as unknown as void;
    }
    transaction(() => {
      data.createWithIds([{ contentType: LOG, id: random.newId(), fields: { by: "steps", about: name } }]);
      const [measured] = data.find<Note>(NOTE).measureGroups([], ["count", "median.id"]);
      kv.put(`steps/${name}`, { at: new Date().toISOString(), notes: measured });
      queue.enqueue("slices", { slices: 1 }, { key: name });
      const notes = data.find<Note>(NOTE).filter({ title: { $eq: name } }).sort("createdAt:desc").fields("title").all(10);
      for (const note of notes) {
        data.update(NOTE, note.documentId, { loud: "seen" });
      }
      if (fail === "commit") {
        throw new Error("told to fail before the commit");
      }
    });
    if (fail === "error") {
      throw new Error("told to fail after the commit");
    }
    return done({ name });
  },

  slices(task) {
    const { slices } = task.payload<{ slices: number }>();
    const at = (task.checkpoint<number>() ?? 0) + 1;
    leave("slices", String(at));
    return at < slices ? again(at) : done();
  },
};
