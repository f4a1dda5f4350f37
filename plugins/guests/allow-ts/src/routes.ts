// `engine` tells what the engine has, `echo` what it was asked, `error` ends with the error that the path names.

import { PluginError, type Routes, clock, log, random, replyJson, settings } from "@cairn/plugin";

export const routes: Routes = {
  engine() {
    log.info("asked about the engine", { at: Date.now(), twice: true, half: 0.5, halfPair: "\ud800" });
    console.warn("and by the console", { deep: [1] });
    return replyJson(200, {
      now: Date.now(),
      same: new Date().getTime() === clock.now().getTime(),
      written: new Date().toISOString(),
      random: [Math.random(), Math.random()],
      uuid: crypto.randomUUID(),
      bytes: random.bytes(8).length,
      elapsed: performance.now() >= 0,
      text: new TextDecoder().decode(new TextEncoder().encode("é€😀")),
      settings: settings(),
    });
  },

  echo(request, call) {
    return replyJson(
      200,
      {
        word: request.parameter("word"),
        query: request.query("a"),
        body: request.text(),
        type: request.header("Content-Type"),
        actor: call.actor,
        left: call.deadline.getTime() - Date.now() > 0,
      },
      { "x-allow": "echo" },
    );
  },

  error(request) {
    switch (request.parameter("kind")) {
      case "invalid":
        throw PluginError.field("title", "short", "Too short.");
      case "denied":
        throw PluginError.denied("not for you");
      case "missing":
        throw PluginError.notFound("nothing here");
      case "conflict":
        throw PluginError.conflict("state", "It is closed.");
      case "unavailable":
        throw PluginError.unavailable(1_500);
      case "undefined":
        return undefined as never;
      case "number":
        throw 5;
      case "forged":
        throw new PluginError({ tag: "invalid", val: 7 } as never);
      case "type":
        return replyJson("200" as never, {});
      case "deep":
        return replyJson(200, deep(1_000_000));
      default:
        throw new Error("the path asked for an error");
    }
  },
};

function deep(left: number): number {
  return left === 0 ? 0 : 1 + deep(left - 1);
}
