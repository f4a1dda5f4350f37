"""A newsletter with double opt-in. The same is in `newsletter` (Rust) and `newsletter-ts`."""

from __future__ import annotations

from cairn_plugin import Call, Reply, Request, Task, View, data, mail

import board
import desk


def subscribe(request: Request, call: Call) -> Reply:
    """Asks whoever the address is of."""
    wish = request.json()
    desk.ask(call, str(wish.get("email", "")), "nl" if wish.get("language") == "nl" else "en")
    return Reply(202, json={"state": "asked"})


def confirm(request: Request, call: Call) -> Reply:
    """What the link in the mail leads to."""
    desk.confirm(request.parameter("token"))
    return Reply(200, json={"state": "confirmed"})


def digest(task: Task, call: Call) -> None:
    """What is sent each working day."""
    confirmed = data.find(desk.SUBSCRIBER, {"confirmed": {"$eq": True}}, sort=["email:asc"], limit=1000)
    for one in confirmed:
        # The key names the mail: a run that comes again sends nothing twice.
        mail.send(
            f"digest/{task.due.timestamp()}/{one['documentId']}",
            one["email"],
            "digest",
            {"readers": len(confirmed) - 1},
            one["language"],
            reply_to="desk@example.com",
            headers={"List-Unsubscribe": "<mailto:desk@example.com?subject=unsubscribe>"},
        )


routes = {"subscribe": subscribe, "confirm": confirm}
jobs = {"digest": digest}
views = {"board": View(board.show, board.act)}
