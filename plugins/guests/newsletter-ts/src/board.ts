// What the desk sees.

import { ask, SUBSCRIBER } from "./desk.js";
import { type View } from "@cairn/plugin";

const number = (label: string, confirmed: boolean) => ({
  label,
  count: { type: SUBSCRIBER, filters: { and: [{ field: "confirmed", operator: "$eq", value: confirmed }] } },
});

const schema = { type: "object", properties: { email: { type: "string", title: "E-mail" } } };

export const board: View = {
  view: () => ({
    kind: "stack",
    show: [
      { kind: "header", title: "t:view.board", actions: [{ id: "invite", call: "invite", label: "t:view.invite", schema }] },
      { kind: "stats", items: [number("t:view.confirmed", true), number("t:view.waiting", false)] },
      { kind: "chart", mark: "pie", type: SUBSCRIBER, groupBy: "language" },
      { kind: "table", type: SUBSCRIBER, columns: [{ field: "email" }, { field: "confirmed" }], sort: ["createdAt:desc"] },
    ],
  }),

  act: (request, call) => {
    ask(call, String((request.values as { email?: unknown }).email ?? ""), "en");
    return { notice: "t:view.invited" };
  },
};
