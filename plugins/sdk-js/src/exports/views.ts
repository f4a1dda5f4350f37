// Describing admin views that are not only a query, and doing what their buttons ask.

import type { Call as RawCall } from "cairn:plugin/types@0.1.0";
import { type Call, callOf } from "../call.js";
import { type DocumentRef, PluginError } from "../error.js";
import { json, maybeJson, maybeText, parsed } from "../lower.js";
import { settled } from "../settled.js";
import { answering, handler } from "./guard.js";

interface RawViewRequest {
  view: string;
  document: DocumentRef | null;
  parameters: [string, string][];
}

interface RawActionRequest {
  view: string;
  action: string;
  document: DocumentRef | null;
  values: string;
}

interface RawActionResult {
  view: string | null;
  notice: string | null;
  navigate: string | null;
}

/** Somebody opens a view. */
export interface ViewRequest {
  view: string;
  document: DocumentRef | null;
  parameters: Record<string, string>;
}

/** Somebody presses a button of it. */
export interface ActionRequest {
  view: string;
  action: string;
  document: DocumentRef | null;
  /** What the person filled in. What it is like the handler has to see for itself. */
  values: unknown;
}

/** What comes of a button. */
export interface ActionResult {
  /** A new description of the view, when it changed. */
  view?: object;
  /** A word for the person. */
  notice?: string;
  /** A path of the admin to go to. */
  navigate?: string;
}

/** One view. What it throws is what the person is told. */
export interface View {
  view(request: ViewRequest, call: Call): object;
  act?(request: ActionRequest, call: Call): ActionResult;
}

/** Each `[[admin.view]]` of the manifest that is not a frame, by its name. */
export type Views = Record<string, View>;

/** The interface as the component exports it. */
export function viewsExport(views: Views): {
  view(call: RawCall, request: RawViewRequest): string;
  act(call: RawCall, request: RawActionRequest): RawActionResult;
} {
  return {
    view: (call, request) =>
      answering(() => {
        const given = { ...request, parameters: Object.fromEntries(request.parameters) };
        const where = `views["${request.view}"]`;
        return json(settled(handler(views, request.view, "views").view(given, callOf(call)), where), where);
      }),
    act: (call, request) =>
      answering(() => {
        const view = handler(views, request.view, "views");
        if (view.act === undefined) {
          throw PluginError.notFound(request.action);
        }
        const where = `views["${request.view}"].act`;
        const result = settled(view.act({ ...request, values: parsed<unknown>(request.values, "values") }, callOf(call)), where);
        return {
          view: maybeJson(result?.view, `${where}.view`),
          notice: maybeText(result?.notice, `${where}.notice`),
          navigate: maybeText(result?.navigate, `${where}.navigate`),
        };
      }),
  };
}
