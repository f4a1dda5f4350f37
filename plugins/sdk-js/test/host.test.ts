// Calls to the host.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluginError, chosen, clock, data, events, http, kv, log, look, mail, once, preview, queue, secrets, settings, signing, site, transaction } from "@cairn/plugin";
import { fakeHost, isError } from "@cairn/plugin/testing";

test("what is kept comes back until it expires", () => {
  const host = fakeHost();
  assert.equal(kv.get("a"), undefined);
  kv.put("a", { b: ["é"] }, { expiresIn: 1_000 });
  assert.deepEqual(kv.entry("a"), { value: { b: ["é"] }, revision: 1 });
  host.advance(1_000);
  assert.equal(kv.get("a"), undefined);
  assert.throws(() => kv.put("a", 1, { expectRevision: 3 }), isError("conflict"));
  assert.deepEqual([kv.increment("n"), kv.increment("n", 4), kv.get("n")], [1, 5, 5]);
  assert.deepEqual([kv.keys("n"), kv.remove("n"), kv.remove("n")], [["n"], true, false]);
});

test("a call knows the preview that it is for", () => {
  fakeHost();
  assert.equal(preview.current(), null);
  const at = new Date("2027-03-01T09:00:00Z");
  fakeHost({ preview: at });
  assert.deepEqual([preview.current(), clock.now()], [{ at }, at]);
});

test("an effect happens once however often it is asked for", () => {
  fakeHost();
  let times = 0;
  const work = () => once("event-1", () => ++times);
  assert.deepEqual([work(), work(), work()], [1, undefined, undefined]);
  assert.equal(times, 1);
});

test("a transaction is dropped where its work throws or is a promise", () => {
  const host = fakeHost();
  assert.equal(transaction(() => 5), 5);
  assert.throws(() => transaction(() => { throw new Error("no"); }), /no/);
  assert.throws(() => transaction(() => Promise.resolve()), /promise/);
  assert.deepEqual(host.transactions, { committed: 1, dropped: 2 });
});

test("values of a wrong type never reach the host", () => {
  const host = fakeHost({ http: () => ({ status: 200 }) });
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const wrong: (() => unknown)[] = [
    () => kv.get(5 as never),
    () => kv.put("a", undefined),
    () => kv.put("a", cyclic),
    () => kv.put("a", 10n),
    () => kv.put("a", 1, { expiresIn: -1 }),
    () => kv.put("a", 1, { expiresIn: "5" as never }),
    () => kv.put("a", 1, { expectRevision: 0.5 }),
    () => kv.increment("a", Number.NaN),
    () => queue.enqueue("j", {}, { due: new Date(Number.NaN) }),
    () => queue.enqueue("j", {}, { onDuplicate: "nothing" as never }),
    () => data.find("t").all(-1),
    () => data.find("t").all(2 ** 40),
    () => data.find(null as never),
    () => data.update("t", "d", undefined as never),
    () => http.get("https://example.test", { followRedirects: 256 }),
    () => http.secretAddress(5 as never),
    () => http.get("https://example.test", { headers: { a: 1 } as never }),
    () => http.send({ url: "https://example.test", body: new DataView(new ArrayBuffer(1)) as never }),
    () => mail.send({ key: "k", to: [undefined as never], template: "t", locale: "en" }),
    () => mail.sendInvitation({ to: "a@x.test", template: "t", locale: "en", invitation: { uid: "u", summary: "s", time: { start: NaN } } }),
    () => events.publish("n", "k", {}, -1),
    () => secrets.isSet({} as never),
  ];
  for (const run of wrong) {
    assert.throws(run, (thrown) => thrown instanceof TypeError, String(run));
  }
  assert.deepEqual([host.jobs.length, host.requests.length, host.mails.length, host.events.length], [0, 0, 0, 0]);
});

test("invitations go with their event", () => {
  const host = fakeHost();
  const time = { start: new Date("2027-03-01T18:00:00Z") };
  const invitation = { uid: "b1@example.test", summary: "Concert", time, location: "Hall 1" };
  const message = { to: "ann@example.test", template: "confirmed", locale: "nl" };
  assert.equal(mail.sendInvitation({ ...message, invitation }), "mail-1");
  const days = { firstDay: "2027-03-01", lastDay: "2027-03-02" };
  mail.sendInvitation({ ...message, invitation: { ...invitation, sequence: 2, method: "cancel", time: days } });
  const [first, second] = host.mails;
  assert.deepEqual([first?.key, first?.to, first?.template], ["", ["ann@example.test"], "confirmed"]);
  const texts = { uid: "b1@example.test", summary: "Concert", description: null, location: "Hall 1" };
  const timed = { tag: "timed", val: { start: time.start.getTime(), end: null } };
  assert.deepEqual(first?.invitation, { ...texts, sequence: 0, method: "request", time: timed });
  assert.deepEqual(second?.invitation, { ...texts, sequence: 2, method: "cancel", time: { tag: "all-day", val: days } });
});

test("halves of surrogate pairs do not cross", () => {
  const host = fakeHost();
  kv.put("a\ud800", "b\udc00");
  assert.equal(host.kept("a\ufffd"), "b\udc00");
  log.info("c\ud800", { d: "e\ud800" });
  assert.deepEqual(host.log, [{ level: "info", message: "c\ufffd", fields: { d: "e\ufffd" } }]);
});

test("documents are read and written", () => {
  fakeHost({ documents: { t: [{ documentId: "1", a: 1 }, { documentId: "2", a: 2 }] } });
  assert.deepEqual(data.get("t", "3"), undefined);
  assert.deepEqual(data.getMany<{ a: number }>("t", ["2", "3", "1"]).map((row) => row?.a), [2, undefined, 1]);
  assert.equal(data.find("t").filter({ a: { $eq: 2 } }).count(), 1);
  assert.equal(data.create("t", { a: 3 }).created, true);
  const chosen = { contentType: "t", id: "chosen", fields: { a: 5 } };
  const other = { contentType: "u", id: "other", fields: { t: "chosen" } };
  assert.deepEqual(data.createWithIds([chosen, other]).map((written) => written.target.documentId), ["chosen", "other"]);
  assert.deepEqual(data.get<{ a: number }>("t", "chosen")?.a, 5);
  assert.throws(() => data.createWithIds([chosen]), isError("conflict"));
  assert.deepEqual(data.createWithIds([]), []);
  data.remove("t", "chosen");
  assert.throws(() => data.batch().updateAt("t", "1", 9, { a: 4 }).write(), isError("conflict"));
  data.batch().update("t", "1", { a: 4 }).remove("t", "2").write();
  assert.deepEqual(data.find<{ a: number }>("t").all(9).map((row) => row.a), [4, 3]);
  assert.deepEqual(data.batch().write(), []);
  assert.throws(() => data.find("t").measureGroups([], ["count", "median.a"]), /does not aggregate/);
});

test("several filters have to fit all", () => {
  fakeHost({ documents: { t: [] } });
  const find = data.find("t").filter({ a: { $eq: 1 } }).filter({ b: { $eq: 2 } });
  assert.throws(() => find.all(1), /\{"\$and":\[\{"a":\{"\$eq":1\}\},\{"b":\{"\$eq":2\}\}\]\}/);
});

test("jobs wait once by their key", () => {
  const host = fakeHost();
  queue.enqueue("j", { n: 1 }, { key: "k" });
  queue.enqueue("j", { n: 2 }, { key: "k" });
  assert.deepEqual(host.jobs, [{ name: "j", payload: { n: 1 }, key: "k", due: null }]);
  queue.timer("j", "k", new Date(5), { n: 3 });
  assert.deepEqual(host.jobs, [{ name: "j", payload: { n: 3 }, key: "k", due: new Date(5) }]);
  assert.deepEqual([queue.cancel("j", "k", "none"), queue.cancel("j"), host.jobs.length], [1, 0, 0]);
});

test("a request goes with its secret by name, and its answer is read", () => {
  const host = fakeHost({ http: () => ({ status: 200, headers: { "Retry-After": "7" }, body: '{"a":"é"}' }) });
  const answer = http.post("https://example.test/x", { q: 1 }, { secretHeaders: [{ name: "authorization", prefix: "Bearer ", secret: "key" }], timeout: 1_000 });
  assert.deepEqual([answer.ok, answer.json(), answer.header("RETRY-after"), answer.retryAfter()], [true, { a: "é" }, "7", 7_000]);
  const [asked] = host.requests;
  assert.deepEqual([asked?.headers, asked?.secrets, asked?.body], [{ "content-type": "application/json" }, { authorization: "Bearer <key>" }, '{"q":1}']);
});

test("a token is signed by the key that its header names", () => {
  fakeHost({ signingKeys: ["receipts"] });
  const [header = "", payload = "", signature = ""] = signing.signJwt("receipts", { sub: "é" }).split(".");
  assert.equal(header, signing.base64url(JSON.stringify({ alg: "ES256", kid: "kid-of-receipts", typ: "JWT" })));
  assert.deepEqual([payload, signature.length], [signing.base64url('{"sub":"é"}'), 86]);
  assert.deepEqual(signing.publicJwkSet("receipts").keys, [signing.publicJwk("receipts")]);
  assert.equal(signing.base64url(new Uint8Array([0xff, 0xef, 0xbe, 0xfb])), "_----w");
  assert.throws(() => signing.sign("other", "x"), isError("not-found"));
});

test("an address that is a secret is named", () => {
  const host = fakeHost({ http: () => ({ status: 200 }) });
  http.post(http.secretAddress("team-chat"), { text: "Sold" });
  assert.equal(host.requests[0]?.url, "secret:team-chat");
});

test("an address that is not granted is denied, and a body that is no JSON invalid", () => {
  fakeHost();
  assert.throws(() => http.get("https://example.test"), isError("denied"));
  assert(http.sendAll([{ url: "https://example.test" }])[0] instanceof PluginError);
  fakeHost({ http: () => ({ status: 200, body: new Uint8Array([0xff, 0x7b]) }) });
  assert.throws(() => http.get("https://example.test").json(), isError("invalid"));
});

test("what asks for patience is understood in both its forms", () => {
  const later = (value: string) => {
    fakeHost({ http: () => ({ status: 429, headers: { "retry-after": value } }) });
    return http.get("https://example.test").retryAfter();
  };
  assert.equal(later("0"), 0);
  assert.equal(later("Thu, 01 Jan 1970 00:00:00 GMT"), 0);
  const soon = later(new Date(Date.now() + 60_000).toUTCString()) ?? 0;
  assert(soon > 50_000 && soon <= 60_000);
  for (const nonsense of ["", "soon", "-5", "1.5", "9999999999999", "Thu, nonsense"]) {
    assert.equal(later(nonsense), undefined, nonsense);
  }
});

test("settings come as they are set", () => {
  fakeHost({ settings: { a: 1 } });
  assert.deepEqual(settings<{ a: number }>(), { a: 1 });
  assert.deepEqual(chosen("pages"), []);
  fakeHost({ chosen: { pages: ["api::page.page"] } });
  assert.deepEqual(chosen("pages"), ["api::page.page"]);
  assert.equal(site(), undefined);
  fakeHost({ site: { name: "Example", url: "https://example.org" } });
  assert.deepEqual(site(), { name: "Example", url: "https://example.org" });
  assert.deepEqual(look(), { accent: "#1f4b99", onAccent: "#ffffff", zone: "UTC", locale: "en" });
  fakeHost({ look: { zone: "Europe/Amsterdam", logo: "https://example.org/logo.png" } });
  assert.deepEqual([look().zone, look().logo], ["Europe/Amsterdam", "https://example.org/logo.png"]);
});
