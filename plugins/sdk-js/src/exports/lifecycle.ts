// Install, upgrade and removal. Each step runs in one transaction.

import type { Call as RawCall } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import { json, parsed, wellFormed } from "../lower.js";
import { settled } from "../settled.js";
import { answering, unexpected } from "./guard.js";
import { begin } from "../running.js";

interface RawMigration {
  from: string;
  to: string;
  checkpoint: string | null;
}

type RawProgress = { tag: "finished" } | { tag: "more"; val: string };

/** What becomes of the data of a plugin that goes. */
export type Removal = "keep-data" | "export-data" | "delete-data";

/** From one version to another. */
export interface Migration {
  from: string;
  to: string;
  /** What the last step returned; undefined on the first. */
  checkpoint: unknown;
}

/** Nothing more to migrate; or commit what was done, and call again with this checkpoint. */
export type Progress = "finished" | { more: unknown };

/** How a plugin is. */
export interface Health {
  ok: boolean;
  detail: string;
}

/** What a plugin does at the turns of its life; what it leaves out is done with. */
export interface Lifecycle {
  install?(call: Call): void;
  migrate?(migration: Migration, call: Call): Progress;
  enable?(call: Call): void;
  disable?(call: Call): void;
  uninstall?(removal: Removal, call: Call): void;
  /** Throws `invalid` for settings that do not go together. */
  checkSettings?(proposed: unknown, call: Call): void;
  health?(call: Call): Health;
}

/** The interface as the component exports it. */
export function lifecycleExport(lifecycle: Lifecycle): {
  install(call: RawCall): void;
  migrate(call: RawCall, migration: RawMigration): RawProgress;
  enable(call: RawCall): void;
  disable(call: RawCall): void;
  uninstall(call: RawCall, removal: Removal): void;
  checkSettings(call: RawCall, proposed: string): void;
  health(call: RawCall): Health;
} {
  const step = (name: keyof Lifecycle, work: () => unknown): void =>
    answering(() => {
      settled(work(), `lifecycle.${name}`);
    });
  return {
    install: (call) => step("install", () => lifecycle.install?.(callOf(call))),
    enable: (call) => step("enable", () => lifecycle.enable?.(callOf(call))),
    disable: (call) => step("disable", () => lifecycle.disable?.(callOf(call))),
    uninstall: (call, removal) => step("uninstall", () => lifecycle.uninstall?.(removal, callOf(call))),
    checkSettings: (call, proposed) =>
      step("checkSettings", () => lifecycle.checkSettings?.(parsed<unknown>(proposed, "settings"), callOf(call))),
    migrate: (call, migration) =>
      answering(() => {
        const checkpoint = migration.checkpoint === null ? undefined : parsed<unknown>(migration.checkpoint, "checkpoint");
        const progress = lifecycle.migrate?.({ ...migration, checkpoint }, callOf(call)) ?? "finished";
        const told = settled(progress, "lifecycle.migrate");
        return told === "finished" ? { tag: "finished" } : { tag: "more", val: json(told.more, "more") };
      }),
    health(call) {
      begin();
      try {
        const health = settled(lifecycle.health?.(callOf(call)), "lifecycle.health") ?? { ok: true, detail: "" };
        return { ok: health.ok === true, detail: wellFormed(String(health.detail)) };
      } catch (thrown) {
        return { ok: false, detail: unexpected(thrown) };
      }
    },
  };
}
