// Doing the work of jobs, timers and schedules.

import type { Call as RawCall } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import { describe } from "../error.js";
import { json, maybeJson, millis, parsed, wellFormed } from "../lower.js";
import { begin } from "../running.js";
import { settled } from "../settled.js";
import { faultOf, handler, isSpan, unexpected } from "./guard.js";

interface RawTask {
  id: string;
  name: string;
  key: string | null;
  payload: string;
  due: number;
  checkpoint: string | null;
}

type RawOutcome =
  | { tag: "done"; val: string | null }
  | { tag: "again"; val: [string, number] }
  | { tag: "retry"; val: [string, number | null] }
  | { tag: "dead"; val: string };

/** One slice of a job. */
export class Task {
  readonly id: string;
  readonly name: string;
  readonly key: string | null;
  readonly due: Date;
  private readonly texts: { payload: string; checkpoint: string | null };

  constructor(task: RawTask) {
    this.id = task.id;
    this.name = task.name;
    this.key = task.key;
    this.due = new Date(task.due);
    this.texts = { payload: task.payload, checkpoint: task.checkpoint };
  }

  /** What the job was enqueued with. */
  payload<T = unknown>(): T {
    return parsed<T>(this.texts.payload, "payload");
  }

  /** What the slice before left with `again`; undefined on the first. */
  checkpoint<T = unknown>(): T | undefined {
    return this.texts.checkpoint === null ? undefined : parsed<T>(this.texts.checkpoint, "checkpoint");
  }
}

/** How a slice ended. */
export type Outcome =
  | { outcome: "done"; value?: unknown }
  | { outcome: "again"; checkpoint: unknown; after: number }
  | { outcome: "retry"; why: string; after?: number | undefined }
  | { outcome: "dead"; why: string };

/** Finished, with something to tell or nothing. */
export function done(value?: unknown): Outcome {
  return { outcome: "done", value };
}

/** Part done: the next call gets `checkpoint`, and comes after so many milliseconds. */
export function again(checkpoint: unknown, after = 0): Outcome {
  return { outcome: "again", checkpoint, after };
}

/** It comes again: by the manifest's policy, or after so many milliseconds. */
export function retry(why: string, after?: number): Outcome {
  return { outcome: "retry", why, after };
}

/** No further tries. */
export function dead(why: string): Outcome {
  return { outcome: "dead", why };
}

/** Does one slice of a job. Nothing returned is done; an error is turned into an `Outcome` by `outcomeOf`. */
export type JobHandler = (task: Task, call: Call) => Outcome | void;

/** A function for each `[[job]]` of the manifest, by its name. */
export type Jobs = Record<string, JobHandler>;

/** The interface as the component exports it. */
export function jobsExport(jobs: Jobs): { run(call: RawCall, task: RawTask): RawOutcome } {
  return {
    run(call, task) {
      begin();
      try {
        const run = handler(jobs, task.name, "jobs");
        return lowered(settled(run(new Task(task), callOf(call)), `jobs["${task.name}"]`) ?? done());
      } catch (thrown) {
        return lowered(outcomeOf(thrown));
      }
    },
  };
}

/**
 * Does many jobs of one name in one transaction, which also ends them: one outcome per task, or nothing for all done. With `retry` or
 * `dead`, with an error, or after 40 ms, what it stored is rolled back, and the jobs go to `jobs` one by one.
 */
export type BatchJobHandler = (tasks: Task[], call: Call) => Outcome[] | void;

/** A function for each `[[job]]` of the manifest that has `batch`, by its name. */
export type BatchJobs = Record<string, BatchJobHandler>;

/** The interface as the component exports it. */
export function batchJobsExport(batches: BatchJobs): { runMany(call: RawCall, tasks: RawTask[]): RawOutcome[] } {
  return {
    runMany(call, tasks) {
      begin();
      const name = tasks[0]?.name ?? "";
      try {
        const given = tasks.map((task) => new Task(task));
        const outcomes = settled(handler(batches, name, "batchJobs")(given, callOf(call)), `batchJobs["${name}"]`);
        if (outcomes === undefined) {
          return tasks.map(() => lowered(done()));
        }
        if (outcomes.length !== tasks.length) {
          throw new TypeError(`batchJobs["${name}"] gave ${outcomes.length} outcomes for ${tasks.length} tasks`);
        }
        return outcomes.map(lowered);
      } catch (thrown) {
        const outcome = lowered(outcomeOf(thrown));
        return tasks.map(() => outcome);
      }
    },
  };
}

/**
 * What to answer for an error: faults that a repetition cannot cure end the job, all others come again, by the manifest's policy or
 * after the time the host named.
 */
export function outcomeOf(thrown: unknown): Outcome {
  const fault = faultOf(thrown);
  if (fault === undefined) {
    return retry(unexpected(thrown));
  }
  switch (fault.tag) {
    case "unavailable":
      return retry("unavailable", fault.val ?? undefined);
    case "invalid":
    case "denied":
      return dead(describe(fault));
    default:
      return retry(describe(fault));
  }
}

function lowered(outcome: Outcome): RawOutcome {
  switch (outcome?.outcome) {
    case "done":
      return { tag: "done", val: maybeJson(outcome.value, "done") };
    case "again":
      return { tag: "again", val: [json(outcome.checkpoint, "again"), millis(outcome.after, "again")] };
    case "retry":
      return { tag: "retry", val: [wellFormed(String(outcome.why)), isSpan(outcome.after) ? Math.floor(outcome.after) : null] };
    case "dead":
      return { tag: "dead", val: wellFormed(String(outcome.why)) };
    default:
      throw new TypeError("a job returns nothing, done(…), again(…), retry(…) or dead(…)");
  }
}
