"""Durable work and timers. They join the open transaction: a job exists if and only if it commits."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from wit_world.imports import jobs as raw

from . import lower
from .errors import asking

_DUPLICATE = {"replace": raw.Duplicate.REPLACE, "keep": raw.Duplicate.KEEP, "refuse": raw.Duplicate.REFUSE}


def enqueue(
    name: str,
    payload: Any = None,
    key: str | None = None,
    due: datetime | None = None,
    lane: str | None = None,
    on_duplicate: Literal["replace", "keep", "refuse"] = "keep",
) -> str:
    """Sets a job of the manifest, with what its handler gets, and returns its id. Of one name and key at most one waits;
    `on_duplicate` says what becomes of a second. Jobs of one lane run one after another."""
    job = raw.Job(
        lower.text(name, "name"),
        lower.json(payload, "payload"),
        None if due is None else lower.instant(due, "due"),
        lower.maybe_text(key, "key"),
        _DUPLICATE[on_duplicate],
        lower.maybe_text(lane, "lane"),
    )
    with asking():
        return raw.enqueue([job])[0]


def cancel(name: str, *keys: str) -> int:
    """Cancels the jobs of this name and these keys that wait, and returns how many did."""
    targets = [(lower.text(name, "name"), lower.text(key, "key")) for key in keys]
    with asking():
        return raw.cancel(targets) if targets else 0
