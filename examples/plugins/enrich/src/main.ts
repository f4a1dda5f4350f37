// What Cairn calls: by the sections of `plugin.toml`.

import { type Jobs, type Subscriptions, queue } from "@cairn/plugin";
import { enrich } from "./enrich.js";
import { type Article, JOB, forget, keyOf } from "./model.js";

export const subscriptions: Subscriptions = {
  /** Nothing here may wait for the network: that is for the job, which exists if and only if this commits. */
  articles(event) {
    const { documentId, locale } = event.data<Article>();
    const article = { documentId, locale: locale ?? null };
    if (event.name === "cairn.document.published") {
      queue.enqueue(JOB, article, { key: keyOf(article), onDuplicate: "replace" });
    } else {
      queue.cancel(JOB, keyOf(article));
      forget(article);
    }
  },
};

export const jobs: Jobs = {
  enrich: (task) => enrich(task.payload<Article>()),
};
