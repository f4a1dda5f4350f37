// The whole way of an article, with a service that behaves and one that does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluginError } from "@cairn/plugin";
import { type HttpRequest, type HttpResponse, type FakeHost, call, event, fakeHost, task } from "@cairn/plugin/testing";
import { jobs, subscriptions } from "../src/main.js";
import { ENRICHMENT, NEWS } from "../src/model.js";

const SETTINGS = { endpoint: "https://enrich.example.com/v1/texts", keywords: 3, minimumWords: 5, timeoutSeconds: 10 };
const ARTICLE = { documentId: "n1", title: "New factory", summary: null, body: "We open a **second** factory in <em>Zwolle</em> this spring." };
const GOOD = JSON.stringify({ keywords: ["factory", " Zwolle ", "factory", "spring", "open"], summary: " A factory. ", readingMinutes: 0.4 });

function host(http: (request: HttpRequest) => HttpResponse, article: Record<string, unknown> = ARTICLE): FakeHost {
  return fakeHost({ settings: SETTINGS, http, documents: { [NEWS]: [{ ...article }] } });
}

const run = () => jobs["enrich"]?.(task("enrich", { documentId: "n1", locale: "nl" }), call());
const tell = (name: string) =>
  void (subscriptions["articles"] as (event: unknown, call: unknown) => void)(
    event(`cairn.document.${name}`, "n1", { documentId: "n1", locale: "nl" }),
    call(),
  );
const enrichment = (host: FakeHost): Record<string, unknown> => host.documents.of(ENRICHMENT)[0] ?? {};

test("an article that is published is asked about once", () => {
  const world = host(() => ({ status: 200, body: GOOD }));
  tell("published");
  tell("published");
  assert.deepEqual(world.jobs.map((job) => [job.name, job.key]), [["enrich", "n1/nl"]]);
  assert.deepEqual(run(), { outcome: "done", value: undefined });
  const { keywords, summary, readingMinutes, state, title, article } = enrichment(world);
  assert.deepEqual({ keywords, summary, readingMinutes, state, title, article }, {
    keywords: ["factory", "Zwolle", "spring"],
    summary: "A factory.",
    readingMinutes: 1,
    state: "done",
    title: "New factory",
    article: "n1/nl",
  });
  // The job comes again: the service is not asked again.
  assert.deepEqual(run(), { outcome: "done", value: "nothing has changed since it was asked" });
  assert.equal(world.requests.length, 1);
});

test("the service gets the words, and the key by way of the host", () => {
  const world = host(() => ({ status: 200, body: GOOD }));
  run();
  const [asked] = world.requests;
  assert.deepEqual([asked?.method, asked?.url, asked?.timeout], ["POST", SETTINGS.endpoint, 10_000]);
  assert.deepEqual(asked?.secrets, { authorization: "Bearer <service-key>" });
  const text = "New factory\n\nWe open a second factory in Zwolle this spring.";
  assert.deepEqual(JSON.parse(asked?.body ?? ""), { text, language: "nl", keywords: 3 });
});

test("an article that nobody can read any more leaves nothing", () => {
  const world = host(() => ({ status: 200, body: GOOD }));
  run();
  tell("published");
  tell("unpublished");
  assert.deepEqual([world.jobs, world.documents.of(ENRICHMENT)], [[], []]);
  const gone = fakeHost({ settings: SETTINGS });
  assert.deepEqual([run(), gone.requests.length], [{ outcome: "done", value: "the article is gone" }, 0]);
});

test("a short article is left alone", () => {
  const world = host(() => ({ status: 200, body: GOOD }), { ...ARTICLE, body: "Open!" });
  assert.deepEqual([run(), world.requests.length], [{ outcome: "done", value: "the article is short" }, 0]);
});

test("each refusal of the service ends as it should", () => {
  const ended: [number, Record<string, string>, object][] = [
    [400, {}, { outcome: "dead", why: "The service does not take this article (400)." }],
    [404, {}, { outcome: "dead", why: "The service does not take this article (404)." }],
    [301, { location: "https://elsewhere.example" }, { outcome: "dead", why: "The service does not take this article (301)." }],
    [401, {}, { outcome: "dead", why: "The service refuses the key (401)." }],
    [429, { "retry-after": "120" }, { outcome: "retry", why: "The service is busy (429).", after: 120_000 }],
    [429, { "Retry-After": "999999999" }, { outcome: "retry", why: "The service is busy (429).", after: 86_400_000 }],
    [503, { "retry-after": "soon" }, { outcome: "retry", why: "The service is busy (503).", after: undefined }],
    [500, {}, { outcome: "retry", why: "The service has a fault (500).", after: undefined }],
    [502, {}, { outcome: "retry", why: "The service has a fault (502).", after: undefined }],
  ];
  for (const [status, headers, expected] of ended) {
    const world = host(() => ({ status, headers, body: "<html>no</html>" }));
    assert.deepEqual(run(), expected);
    const { state, problem } = enrichment(world);
    assert.deepEqual([state, problem], ["why" in expected && status < 500 && status !== 429 ? "failed" : "waiting", (expected as { why: string }).why]);
  }
});

test("an answer that is none is asked for again", () => {
  const garbage = ["", "{", "null", "[]", "<html>", '"text"', "{}", '{"keywords":"a","summary":"b","readingMinutes":1}', '{"keywords":[1],"summary":"b","readingMinutes":1}', '{"keywords":[],"summary":5,"readingMinutes":1}', '{"keywords":[],"summary":"b","readingMinutes":"1"}', "[".repeat(100_000), `"${"x".repeat(300_000)}"`];
  for (const body of [...garbage, new Uint8Array([0xff, 0xfe])]) {
    host(() => ({ status: 200, body }));
    const outcome = run() as { outcome: string; why: string };
    assert.equal(outcome.outcome, "retry", String(body).slice(0, 40));
    assert.match(outcome.why, /^The service's answer (is|has) /);
  }
});

test("a service that is silent is asked again, and one that is not granted is not", () => {
  const thrown = (error: PluginError) => {
    host(() => {
      throw error;
    });
    try {
      run();
      return undefined;
    } catch (caught) {
      return caught;
    }
  };
  // What the library makes of these: comes again, and ends.
  assert((thrown(PluginError.unavailable(5)) as PluginError).is("unavailable"));
  assert((thrown(PluginError.denied("https://enrich.example.com")) as PluginError).is("denied"));
});

test("a fault of the service does not undo what it said before", () => {
  let status = 200;
  const world = host(() => ({ status, body: GOOD }));
  run();
  status = 500;
  Object.assign(world.documents.of(NEWS)[0] ?? {}, { body: "We open a third factory, in Zwolle again, next spring." });
  run();
  const { state, keywords, problem } = enrichment(world);
  assert.deepEqual([state, keywords, problem], ["waiting", ["factory", "Zwolle", "spring"], "The service has a fault (500)."]);
});
