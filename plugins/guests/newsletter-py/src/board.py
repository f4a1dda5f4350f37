"""What the desk sees."""

from __future__ import annotations

from typing import Any

from cairn_plugin import ActionRequest, ActionResult, Call, ViewRequest

import desk


def number(label: str, confirmed: bool) -> dict[str, Any]:
    """How many there are."""
    filters = {"and": [{"field": "confirmed", "operator": "$eq", "value": confirmed}]}
    return {"label": label, "count": {"type": desk.SUBSCRIBER, "filters": filters}}


def show(request: ViewRequest, call: Call) -> dict[str, Any]:
    """The page."""
    schema = {"type": "object", "properties": {"email": {"type": "string", "title": "E-mail"}}}
    invite = {"id": "invite", "call": "invite", "label": "t:view.invite", "schema": schema}
    columns = [{"field": "email"}, {"field": "confirmed"}]
    return {
        "kind": "stack",
        "show": [
            {"kind": "header", "title": "t:view.board", "actions": [invite]},
            {"kind": "stats", "items": [number("t:view.confirmed", True), number("t:view.waiting", False)]},
            {"kind": "chart", "mark": "pie", "type": desk.SUBSCRIBER, "groupBy": "language"},
            {"kind": "table", "type": desk.SUBSCRIBER, "columns": columns, "sort": ["createdAt:desc"]},
        ],
    }


def act(request: ActionRequest, call: Call) -> ActionResult:
    """Invites somebody."""
    desk.ask(call, str(request.values.get("email", "")), "en")
    return ActionResult(notice="t:view.invited")
