// What a Cairn plugin in TypeScript is written with.
//
// `src/main.ts` of a plugin exports a table of functions for each kind of section of its manifest: `hooks`, `subscriptions`, `jobs`,
// `routes`, `policy`, `views`, and `lifecycle` and `privacy`, which have no section. What it asks of the host is in the modules here; each becomes an import of the component only
// where it is used, and then needs a grant in the manifest.
//
// `queue` is `jobs` of the contract: a plugin has its own `jobs`.
//
// To add what the contract has and this library has not: a module beside `kv.ts`, and its raw form in `raw/`.

/// <reference path="./globals.d.ts" />
/// <reference path="./raw/types.d.ts" />
/// <reference path="./raw/data.d.ts" />
/// <reference path="./raw/services.d.ts" />

export * as audit from "./audit.js";
export * as calendar from "./calendar.js";
export * as clock from "./clock.js";
export * as data from "./data/index.js";
export * as events from "./events.js";
export * as files from "./files.js";
export * as groups from "./groups.js";
export * as http from "./http.js";
export * as i18n from "./i18n.js";
export * as queue from "./jobs.js";
export * as kv from "./kv.js";
export * as log from "./log.js";
export * as mail from "./mail.js";
export * as pdf from "./pdf.js";
export * as people from "./people.js";
export * as policies from "./policies.js";
export * as preview from "./preview.js";
export * as publicFiles from "./public-files.js";
export * as random from "./random.js";
export * as search from "./search.js";
export * as secrets from "./secrets.js";
export * as signing from "./signing.js";
export * as templates from "./templates.js";
export * as users from "./users.js";
export * as zones from "./zones.js";

export type { Actor, Call, Principal } from "./call.js";
export type { Row } from "./data/row.js";
export { transaction } from "./data/transaction.js";
export { type Conflict, type DocumentRef, type Fault, type FieldError, PluginError, describe } from "./error.js";
export {
  type Ack,
  type BatchEventHandler,
  type Event,
  type EventHandler,
  type Subscriptions,
  handled,
  reject,
  retryEvent,
} from "./exports/events.js";
export {
  type Action,
  type BatchHook,
  type Change,
  type Decision,
  type Hook,
  type Hooks,
  allow,
  amend,
  conflict,
  refuse,
  refuseAll,
} from "./exports/hooks.js";
export {
  type BatchJobHandler,
  type BatchJobs,
  type JobHandler,
  type Jobs,
  type Outcome,
  type Task,
  again,
  dead,
  done,
  retry,
} from "./exports/jobs.js";
export type { Health, Lifecycle, Migration, Progress, Removal } from "./exports/lifecycle.js";
export type { Policy, ReadPolicy } from "./exports/policies.js";
export type { ErasureStep, Person, PersonalRecord, Privacy, ReportPage, RetainedRecord } from "./exports/privacy.js";
export { type Reply, type Route, type RouteRequest, type Routes, replyEmpty, replyJson, replyText } from "./exports/routes.js";
export type { ActionRequest, ActionResult, View, ViewRequest, Views } from "./exports/views.js";
export { once } from "./once.js";
export { type Look, chosen, look, settings, site } from "./settings.js";
