// The job: reads an article as it is now, asks the service about it, keeps the answer. It comes at least once, and perhaps late.

import { type Outcome, clock, data, dead, done, http, log, retry, settings } from "@cairn/plugin";
import { type Settings, readAnswer, verdict } from "./answer.js";
import { type Article, NEWS, type News, enrichmentOf, forget, keep } from "./model.js";
import { fingerprint, plain, words } from "./text.js";

export function enrich(article: Article): Outcome {
  const news = data.find<News>(NEWS).locale(article.locale).fields("title", "summary", "body").byIds([article.documentId])[0];
  if (news === undefined) {
    forget(article);
    return done("the article is gone");
  }
  const chosen = settings<Settings>();
  const text = plain(`${news.title}\n\n${news.summary ?? ""}\n\n${news.body}`);
  if (words(text) < chosen.minimumWords) {
    forget(article);
    return done("the article is short");
  }
  const asked = { text, language: article.locale, keywords: chosen.keywords };
  const mark = fingerprint(JSON.stringify(asked));
  if (enrichmentOf(article)?.fingerprint === mark) {
    return done("nothing has changed since it was asked");
  }
  const response = http.post(chosen.endpoint, asked, {
    secretHeaders: [{ name: "authorization", prefix: "Bearer ", secret: "service-key" }],
    headers: { accept: "application/json" },
    timeout: chosen.timeoutSeconds * 1_000,
  });
  const answer = response.ok ? readAnswer(response.bytes(), chosen) : verdict(response);
  if ("problem" in answer) {
    return unanswered(article, news.title, answer);
  }
  keep(article, { ...answer, title: news.title, state: "done", problem: null, fingerprint: mark, enrichedAt: clock.now().toISOString() });
  return done();
}

/** The service had no answer: editors see why, and the job comes again where that can help. */
function unanswered(article: Article, title: string, { problem, after, final }: ReturnType<typeof verdict>): Outcome {
  log.warn("the service has no answer", { article: article.documentId, problem, final });
  keep(article, { title, state: final ? "failed" : "waiting", problem });
  return final ? dead(problem) : retry(problem, after);
}
