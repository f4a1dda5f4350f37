// What the service is sent, what comes of its answers, and words of the glossary in a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PluginError } from "@cairn/plugin";
import { type HttpRequest, type HttpResponse, call, fakeHost, isError, request } from "@cairn/plugin/testing";
import { routes } from "../src/main.js";
import { mark, unmark } from "../src/marks.js";
import { languageOf } from "../src/service.js";

const SERVICE = "https://api.deepl.example/v2/translate";

/** Answers with the texts of the request, in capitals. */
const shout = ({ body }: HttpRequest): HttpResponse => {
  const { text } = JSON.parse(body) as { text: string[] };
  return { status: 200, body: JSON.stringify({ translations: text.map((each) => ({ text: each.toUpperCase() })) }) };
};

function host(http: (request: HttpRequest) => HttpResponse, chosen = [SERVICE]) {
  const texts = Object.fromEntries(["address", "key", "language", "quota", "tooLong"].map((name) => [`problem.${name}`, name]));
  return fakeHost({ settings: { formality: "default", timeoutSeconds: 15 }, chosen: { service: chosen }, http, texts });
}

const ask = (body: object) => routes["translate"]?.(request("translate", { body: JSON.stringify(body) }), call());
const textsOf = (reply: ReturnType<typeof ask>) => (JSON.parse(String(reply?.body)) as { texts: string[] }).texts;
const wanted = { source: "en", target: "nl", texts: ["Hello"], glossary: [] };

test("the service gets texts in its own form, and the key by way of the host", () => {
  const world = host(shout);
  assert.deepEqual(textsOf(ask({ ...wanted, texts: ["Hello", "Bye & thanks"] })), ["HELLO", "BYE &AMP; THANKS"]);
  const [asked] = world.requests;
  assert.deepEqual([asked?.method, asked?.url, asked?.timeout], ["POST", SERVICE, 15_000]);
  assert.deepEqual(asked?.secrets, { authorization: "DeepL-Auth-Key <service-key>" });
  const body = JSON.parse(asked?.body ?? "") as Record<string, unknown>;
  assert.deepEqual([body["source_lang"], body["target_lang"], body["text"]], ["EN", "NL", ["Hello", "Bye &amp; thanks"]]);
});

test("many texts go in several requests, and come back in their order", () => {
  const world = host(shout);
  const texts = Array.from({ length: 120 }, (_, at) => `text ${at}`);
  assert.deepEqual(textsOf(ask({ ...wanted, texts })), texts.map((text) => text.toUpperCase()));
  assert.equal(world.requests.length, 3);
});

test("refusals that an editor or an administrator can do something about are in words", () => {
  const code = (status: number) => {
    host(() => ({ status, body: "{}" }));
    try {
      ask(wanted);
      return "none";
    } catch (thrown) {
      if (!(thrown instanceof PluginError)) {
        throw thrown;
      }
      return thrown.fault.tag === "invalid" ? thrown.fault.val[0]?.message : thrown.fault.tag;
    }
  };
  const answers = [400, 403, 413, 456, 429, 500].map(code);
  assert.deepEqual(answers, ["language", "key", "tooLong", "quota", "unavailable", "unavailable"]);
});

test("answers that are none are not passed on", () => {
  for (const body of ["{}", '{"translations":[]}', '{"translations":[{"text":1}]}', "[null]", "null"]) {
    host(() => ({ status: 200, body }));
    assert.throws(() => ask(wanted), isError("unavailable"), body);
  }
});

test("without a service nothing is sent", () => {
  const world = host(shout, []);
  assert.throws(() => ask(wanted), isError("invalid"));
  assert.equal(world.requests.length, 0);
});

test("requests of programs are checked", () => {
  host(shout);
  for (const body of [{}, { ...wanted, texts: "x" }, { ...wanted, texts: [1] }, { ...wanted, glossary: [{}] }, { ...wanted, target: 1 }]) {
    assert.throws(() => ask(body), isError("invalid"), JSON.stringify(body));
  }
});

test("words of the glossary are whole words in any case, the longest first", () => {
  const glossary = [
    { source: "Delivery", target: "aflevering" },
    { source: "delivery note", target: "afleverbon" },
    { source: "C++", target: "C++" },
  ];
  assert.equal(mark("The DELIVERY, redelivery & a delivery note", glossary), "The <x>aflevering</x>, redelivery &amp; a <x>afleverbon</x>");
  assert.equal(mark("In C++ <b>", glossary), "In <x>C++</x> &lt;b&gt;");
  assert.equal(mark("a < b", []), "a &lt; b");
  assert.equal(unmark("De <x>aflevering</x> &amp; een &lt;b&gt; &amp;lt;"), "De aflevering & een <b> &lt;");
});

test("languages are named as the service does", () => {
  assert.deepEqual(["en", "en-US", "nl-BE", "pt", "de"].map((locale) => languageOf(locale, "target")), ["EN-GB", "EN-US", "NL", "PT-PT", "DE"]);
  assert.deepEqual(["en-US", "zh-Hans"].map((locale) => languageOf(locale, "source")), ["EN", "ZH"]);
});
