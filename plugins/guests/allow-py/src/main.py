"""A plugin that behaves: each function does one thing, told by its name in `plugin.toml`."""

from __future__ import annotations

import random
import time
import uuid
from datetime import datetime, timedelta, timezone

from cairn_plugin import Call, Event, Outcome, Task, again, clock, data, dead, done, kv, log, queue, retry

LOG = "plugin::allow-py.log"
NOTE = "plugin::allow-py.note"


def leave(by: str, about: str) -> None:
    """Leaves a document that tells what was done."""
    data.create(LOG, {"by": by, "about": about})


def notes(event: Event, call: Call) -> None:
    """Counts what it hears, once each."""

    def work() -> None:
        kv.increment("events/notes")
        leave("event:notes", event.document_id())

    kv.once(event.id, work)


def steps(task: Task, call: Call) -> Outcome:
    """Does some things in a transaction, and ends as it is told."""
    payload = task.payload()
    name, fail = payload["name"], payload.get("fail")
    if fail == "retry":
        return retry("told to", timedelta(milliseconds=50))
    if fail == "dead":
        return dead("told to")
    if fail == "exit":
        raise SystemExit(3)
    if fail == "wrong":
        return 5  # type: ignore[return-value]
    with data.transaction():
        data.create_with_ids([data.NewDocument(data.new_id(), LOG, {"by": "steps", "about": name})])
        measured = data.measure_groups(NOTE, [], ["count", "median.id"])[0]
        kv.put(f"steps/{name}", {"at": clock.now().isoformat(), "notes": measured})
        queue.enqueue("slices", {"slices": 1}, key=name)
        for note in data.find(NOTE, {"title": {"$eq": name}}, sort=["createdAt:desc"], fields=["title"], limit=10):
            data.update(NOTE, note["documentId"], {"loud": "seen"})
        if fail == "commit":
            raise RuntimeError("told to fail before the commit")
    log.info("done", name=name, at=time.time(), half="\ud800")
    return done({"name": name})


def slices(task: Task, call: Call) -> Outcome:
    """Goes on from its checkpoint; leaves what the standard library says of time and chance."""
    at = (task.checkpoint() or 0) + 1
    leave("slices", str(at))
    same = abs(datetime.now(timezone.utc) - clock.now()) < timedelta(seconds=1)
    kv.put(f"slices/{task.id}/{at}", {"same": same, "random": random.random(), "uuid": str(uuid.uuid4())})
    return again(at) if at < task.payload()["slices"] else done()


subscriptions = {"notes": notes}
jobs = {"steps": steps, "slices": slices}
