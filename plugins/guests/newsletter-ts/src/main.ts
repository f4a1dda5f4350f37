// A newsletter with double opt-in. The same is in `newsletter` (Rust) and `newsletter-py`.

import { ask, confirm, SUBSCRIBER, type Subscriber } from "./desk.js";
import { board } from "./board.js";
import { type Jobs, type Routes, type Views, data, done, mail, replyJson } from "@cairn/plugin";

export const routes: Routes = {
  subscribe(request, call) {
    const wish = request.json() as { email?: unknown; language?: unknown };
    ask(call, String(wish.email ?? ""), wish.language === "nl" ? "nl" : "en");
    return replyJson(202, { state: "asked" });
  },

  confirm(request) {
    confirm(request.parameter("token"));
    return replyJson(200, { state: "confirmed" });
  },
};

export const jobs: Jobs = {
  digest(task) {
    const confirmed = data.find<Subscriber>(SUBSCRIBER).filter({ confirmed: { $eq: true } }).sort("email:asc").all(1_000);
    for (const one of confirmed) {
      mail.send({
        // The key names the mail: a run that comes again sends nothing twice.
        key: `digest/${task.due.getTime()}/${one.documentId}`,
        to: one.email,
        template: "digest",
        locale: one.language,
        model: { readers: confirmed.length - 1 },
        replyTo: "desk@example.com",
        headers: [["List-Unsubscribe", "<mailto:desk@example.com?subject=unsubscribe>"]],
      });
    }
    return done();
  },
};

export const views: Views = { board };
