// What handlers return and throw, as the host gets it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluginError, again, allow, amend, dead, done, refuse, replyJson, retry, retryEvent } from "@cairn/plugin";
import { fakeHost } from "@cairn/plugin/testing";
import { subscriptionsExport, expect, hooksExport, batchJobsExport, jobsExport, lifecycleExport, policyExport, privacyExport, routesExport, viewsExport } from "../src/exports/index.js";

const call = { id: "c", idempotencyKey: "k", actor: { tag: "system" as const }, locale: "en", attempt: 1, deadline: 0 };
const change = { action: "create" as const, contentType: "plugin::a.b", documentId: "d", locale: null, before: null, after: '{"title":"T"}', changed: [], origin: "rest" };
const event = (id: string) => ({ id, sequence: 1, name: "n", key: "k", at: 0, data: '{"documentId":"d"}', version: 1, origin: "rest", replayed: false });
const task = { id: "1", name: "j", key: null, payload: '{"a":1}', due: 0, checkpoint: null };
const request = { route: "r", method: "GET", path: "/", parameters: [], query: [], headers: [], body: { tag: "empty" as const }, clientAddress: null };

/** What a call throws. */
function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return "nothing was thrown";
}

/** Whatever a handler throws or returns in place of an answer. */
const NONSENSE: unknown[] = [null, undefined, 5, "text", [], {}, () => {}, Symbol("s"), new Date(NaN), 10n, Object.create(null), { decide: "nothing" }];

test("decisions cross in their order", () => {
  const decisions = [allow, amend({ a: 1 }), refuse("a", "b", "c")];
  const hooks = hooksExport({ h: { all: () => decisions } });
  assert.deepEqual(hooks.before(call, "h", [change, change, change]), [
    { tag: "allow" },
    { tag: "amend", val: '{"a":1}' },
    { tag: "refuse", val: [{ path: "a", code: "b", message: "c" }] },
  ]);
});

test("a hook that gives no decision or too few rolls back, and is a fault of the plugin", () => {
  const host = fakeHost();
  for (const nonsense of NONSENSE) {
    const error = thrown(() => hooksExport({ h: () => nonsense as never }).prepare(call, "h", [change])) as { tag: string };
    assert.equal(error.tag, "internal", String(typeof nonsense));
  }
  assert.equal((thrown(() => hooksExport({ h: { all: () => [] } }).prepare(call, "h", [change])) as { tag: string }).tag, "internal");
  assert.equal(host.log.length, NONSENSE.length + 1);
});

test("whatever is thrown becomes an error of the contract", () => {
  const host = fakeHost();
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const unwritable = { toString: () => { throw new Error("no"); } };
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  for (const error of [...NONSENSE, new TypeError("bug"), cyclic, unwritable, revoked.proxy]) {
    const got = thrown(() => hooksExport({ h: () => { throw error; } }).before(call, "h", [change])) as { tag: string; val: string };
    assert.equal(got.tag, "internal");
    assert.equal(typeof got.val, "string");
  }
  assert(host.log.some((line) => line.message === "thrown: TypeError: bug" && String(line.fields["stack"]).includes("bug")));
  const denied = thrown(() => hooksExport({ h: () => { throw PluginError.denied("x\ud800"); } }).before(call, "h", [change]));
  assert.deepEqual(denied, { tag: "denied", val: "x\ufffd" });
});

test("a forged error has every part that the host takes", () => {
  fakeHost();
  const forged = (fault: unknown): unknown => {
    const error = PluginError.denied("x");
    Object.assign(error, { fault });
    return thrown(() => hooksExport({ h: () => { throw error; } }).before(call, "h", [change]));
  };
  assert.deepEqual(forged({ tag: "invalid", val: 7 }), { tag: "invalid", val: [] });
  assert.deepEqual(forged({ tag: "invalid", val: [{ path: 1 }] }), { tag: "invalid", val: [{ path: "1", code: "", message: "" }] });
  assert.deepEqual(forged({ tag: "unavailable", val: -1 }), { tag: "unavailable", val: null });
  assert.deepEqual(forged({ tag: "unavailable", val: 1.9 }), { tag: "unavailable", val: 1 });
  assert.deepEqual(forged({ tag: "not-found", val: {} }), { tag: "not-found", val: "{}" });
  assert.equal((forged({ tag: "unheard-of" }) as { tag: string }).tag, "internal");
});

test("a promise is refused with a word about it", () => {
  const host = fakeHost();
  const promise = Promise.resolve(allow) as never;
  assert.match((thrown(() => hooksExport({ h: () => promise }).before(call, "h", [change])) as { val: string }).val, /returned a promise/);
  assert.match((jobsExport({ j: () => promise }).run(call, task) as unknown as { val: [string] }).val[0], /returned a promise/);
  assert.equal(subscriptionsExport({ s: () => promise }).handle(call, "s", [event("1")])[0]?.tag, "retry");
  assert.equal((thrown(() => routesExport({ r: () => promise }).handle(call, request)) as { tag: string }).tag, "internal");
  assert.equal(host.log.length, 4);
});

test("a name without a function is told, and the prototype has none", () => {
  fakeHost();
  for (const name of ["nothing", "constructor", "__proto__", "toString"]) {
    const error = thrown(() => hooksExport({}).before(call, name, [change])) as { tag: string; val: { code: string }[] };
    assert.equal(error.val[0]?.code, "unimplemented", name);
    assert.equal(jobsExport({}).run(call, { ...task, name }).tag, "dead");
    assert.equal(subscriptionsExport({}).handle(call, name, [event("1")])[0]?.tag, "reject");
  }
});

test("a handler that is missing is found when the component is built", () => {
  const build = (handlers: unknown, names: string[]) => () => expect(handlers, names, "jobs", "[[job]]");
  build({ a: () => {} }, ["a"])();
  assert.throws(build({ a: () => {} }, ["a", "b"]), /plugin\.toml has \[\[job\]\] "b"/);
  assert.throws(build({ a: () => {}, c: () => {} }, ["a"]), /has "c", and plugin\.toml no \[\[job\]\]/);
  assert.throws(build(undefined, ["a"]), /"a"/);
});

test("events are acknowledged one by one, and those after one that failed wait", () => {
  fakeHost();
  const seen: string[] = [];
  const events = subscriptionsExport({
    s(event) {
      seen.push(event.id);
      assert.equal(event.documentId(), "d");
      return event.id === "2" ? retryEvent("later", 5.5) : undefined;
    },
  });
  const acks = events.handle(call, "s", ["1", "2", "3"].map(event));
  assert.deepEqual(acks.map((ack) => ack.tag), ["done", "retry", "retry"]);
  assert.deepEqual(acks[1], { tag: "retry", val: ["later", 5] });
  assert.deepEqual(seen, ["1", "2"]);
});

test("faults that no repetition cures are not repeated", () => {
  fakeHost();
  const of = (error: unknown) => {
    const raise = () => { throw error; };
    return [jobsExport({ j: raise }).run(call, task), subscriptionsExport({ s: raise }).handle(call, "s", [event("1")])[0]];
  };
  assert.deepEqual(of(PluginError.denied("x")), [{ tag: "dead", val: "denied: x" }, { tag: "reject", val: "denied: x" }]);
  assert.deepEqual(of(PluginError.unavailable(5)), [{ tag: "retry", val: ["unavailable", 5] }, { tag: "retry", val: ["unavailable", 5] }]);
  assert.deepEqual(of(PluginError.conflict("version", "m"))[0], { tag: "retry", val: ["conflict (version): m", null] });
  assert.equal(of(new RangeError("bug"))[0]?.tag, "retry");
  assert.deepEqual(jobsExport({ j: (task) => void task.payload() }).run(call, { ...task, payload: "{" }).tag, "dead");
});

test("slices of jobs end as they say", () => {
  fakeHost();
  const run = (outcome: unknown) => jobsExport({ j: () => outcome as never }).run(call, task);
  assert.deepEqual(run(undefined), { tag: "done", val: null });
  assert.deepEqual(run(done({ a: 1 })), { tag: "done", val: '{"a":1}' });
  assert.deepEqual(run(again({ at: 2 }, 1.5)), { tag: "again", val: ['{"at":2}', 1] });
  assert.deepEqual(run(retry("why", Number.POSITIVE_INFINITY)), { tag: "retry", val: ["why", null] });
  assert.deepEqual(run(dead("why")), { tag: "dead", val: "why" });
  for (const wrong of [again(undefined), again(1, -1), again(1, Number.NaN), done(10n), {}, "text", { outcome: "never" }]) {
    assert.equal(run(wrong).tag, "retry");
  }
});

test("jobs of a batch end together", () => {
  fakeHost();
  const tasks = ["1", "2"].map((id) => ({ ...task, id }));
  const run = (outcomes: unknown) => batchJobsExport({ j: () => outcomes as never }).runMany(call, tasks);
  assert.deepEqual(run(undefined), [{ tag: "done", val: null }, { tag: "done", val: null }]);
  assert.deepEqual(run([done(1), again({ at: 2 }, 5)]), [{ tag: "done", val: "1" }, { tag: "again", val: ['{"at":2}', 5] }]);
  for (const wrong of [[done()], [done(), done(), done()], [done(), {}], "ab"]) {
    assert.deepEqual(run(wrong).map((outcome) => outcome.tag), ["retry", "retry"]);
  }
  const seen: string[] = [];
  batchJobsExport({ j: (given) => void seen.push(...given.map((one) => one.id)) }).runMany(call, tasks);
  assert.deepEqual(seen, ["1", "2"]);
  assert.deepEqual(batchJobsExport({}).runMany(call, tasks).map((outcome) => outcome.tag), ["dead", "dead"]);
});

test("answers to requests cross, and what is none is a fault", () => {
  fakeHost();
  const answer = (reply: unknown) => routesExport({ r: () => reply as never }).handle(call, request);
  assert.deepEqual(answer(replyJson(201, { a: "é" }, { "x-a": "b" })), {
    status: 201,
    headers: [["content-type", "application/json"], ["x-a", "b"]],
    body: { tag: "bytes", val: new TextEncoder().encode('{"a":"é"}') },
  });
  assert.deepEqual(answer({ status: 204 }).body, { tag: "empty" });
  assert.deepEqual(answer({ status: 200, file: "f" }).body, { tag: "file", val: "f" });
  const received = (body: unknown) => {
    const reply = routesExport({ r: (given) => replyJson(200, [given.file ?? null, given.bytes().length]) });
    const answered = reply.handle(call, { ...request, body } as never).body as { val: Uint8Array };
    return new TextDecoder().decode(answered.val);
  };
  assert.equal(received({ tag: "file", val: "body-1" }), '["body-1",0]');
  assert.equal(received({ tag: "bytes", val: new Uint8Array(3) }), "[null,3]");
  for (const wrong of [...NONSENSE, { status: "200" }, { status: 99 }, { status: 200.5 }, { status: 200, headers: { a: 1 } }, { status: 200, body: 5 }]) {
    assert.equal((thrown(() => answer(wrong)) as { tag: string }).tag, "internal");
  }
});

test("what is stored about a person crosses", () => {
  fakeHost();
  const contact = { contentType: "plugin::a.contact", documentId: "d", locale: null };
  const privacy = privacyExport({
    report: (person, cursor) => ({ records: [{ kind: "t:contact", title: person.email, data: { cursor } }], next: cursor === 1 ? undefined : 1 }),
    erase: (_, cursor) => ({ erased: [contact], files: ["f"], retained: [{ kind: "Invoice", title: "7", reason: "t:fiscal", until: new Date(5) }], next: cursor }),
  });
  const ann = { email: "ann@example.com", user: "u", admin: null };
  assert.deepEqual(privacy.report(call, ann, null), { records: [{ kind: "t:contact", title: "ann@example.com", data: "{}" }], next: "1" });
  assert.deepEqual(privacy.report(call, ann, "1"), { records: [{ kind: "t:contact", title: "ann@example.com", data: '{"cursor":1}' }], next: null });
  const retained = [{ kind: "Invoice", title: "7", reason: "t:fiscal", until: 5 }];
  assert.deepEqual(privacy.erase(call, ann, null), { erased: [contact], files: ["f"], retained, next: null });
  const wrong = privacyExport({ report: () => ({ records: [{ kind: "k", title: "t", data: undefined }] }), erase: () => ({ retained: [{} as never] }) });
  assert.equal((thrown(() => wrong.report(call, ann, null)) as { tag: string }).tag, "internal");
  assert.equal((thrown(() => wrong.erase(call, ann, null)) as { tag: string }).tag, "internal");
});

test("policies, views and steps of life cross", () => {
  const host = fakeHost();
  const policy = policyExport(() => [{ filters: { a: 1 }, cacheKey: "k", validFor: 5 }]);
  assert.deepEqual(policy.evaluate(call, ["t"]), [{ filters: '{"a":1}', cacheKey: "k", validFor: 5, dependsOn: [] }]);
  assert.equal((thrown(() => policy.evaluate(call, ["t", "u"])) as { tag: string }).tag, "internal");
  const views = viewsExport({ v: { view: (asked) => ({ asked: asked.parameters }) } });
  assert.equal(views.view(call, { view: "v", document: null, parameters: [["a", "b"]] }), '{"asked":{"a":"b"}}');
  const act = () => views.act(call, { view: "v", action: "press", document: null, values: "{}" });
  assert.deepEqual(thrown(act), { tag: "not-found", val: "press" });
  const life = lifecycleExport({ migrate: (step) => (step.checkpoint === 1 ? "finished" : { more: 1 }), health: () => { throw new Error("ill"); } });
  assert.deepEqual(life.migrate(call, { from: "1", to: "2", checkpoint: null }), { tag: "more", val: "1" });
  assert.deepEqual(life.migrate(call, { from: "1", to: "2", checkpoint: "1" }), { tag: "finished" });
  assert.deepEqual(life.health(call), { ok: false, detail: "Error: ill" });
  life.install(call);
  assert.equal(host.log.length, 2);
});
