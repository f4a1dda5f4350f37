"""Jobs, as the component exports them."""

from __future__ import annotations

from collections.abc import Mapping

from wit_world.exports import job_handler as raw
from wit_world.imports import types

from . import _host, lower
from ._guard import call_of, failed, handler, pause
from .outcomes import Again, Dead, Done, JobHandler, Retry, Task


def run(jobs: Mapping[str, JobHandler], call: types.Call, task: raw.Task) -> raw.Outcome:
    """One slice of a job."""
    _host.begin()
    try:
        given = Task(task.id, task.name, task.key, task.payload, lower.time(task.due), task.checkpoint)
        return _lowered(handler(jobs, task.name, "jobs")(given, call_of(call)))
    except BaseException as raised:
        return _lowered(failed(raised))


def _lowered(outcome: object) -> raw.Outcome:
    match outcome:
        case None:
            return raw.Outcome_Done(None)
        case Done(value):
            return raw.Outcome_Done(lower.maybe_json(value, "done"))
        case Again(checkpoint, after):
            return raw.Outcome_Again((lower.json(checkpoint, "again"), lower.millis(after, "after")))
        case Retry():
            return raw.Outcome_Retry(pause(outcome))
        case Dead(why):
            return raw.Outcome_Dead(lower.text(why, "why"))
        case _:
            raise TypeError(f"a job returns None, done(…), again(…), retry(…) or dead(…), not {type(outcome).__name__}")
