"""Small private state: nothing an editor should see. It joins the open transaction. Values are kept as JSON."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from wit_world.imports import kv as raw
from wit_world.imports import types as _types

from . import lower
from .errors import PluginError, asking

T = TypeVar("T")
# As long as the host keeps events by default, and a day: nothing is delivered again after that.
_REMEMBERED = timedelta(days=31)


def get(key: str) -> Any:
    """The value of a key; None where there is none, or it has expired."""
    with asking():
        entry = raw.get([lower.text(key, "key")])[0]
    return None if entry is None else lower.parsed(entry.value, key)


def put(key: str, value: Any, expires_in: timedelta | None = None, expect_revision: int | None = None) -> None:
    """Sets the value of a key, for so long, and only where it still has that revision (0: where there is none)."""
    revision = None if expect_revision is None else lower.whole(expect_revision, "expect_revision")
    given = lower.json(value, "value").encode()
    entry = raw.PutEntry(lower.text(key, "key"), given, lower.maybe_millis(expires_in, "expires_in"), revision)
    with asking():
        raw.put([entry])


def put_new(key: str, value: Any, expires_in: timedelta) -> bool:
    """Sets the value of a key that has none, for so long. False where it has one, which stays."""
    try:
        put(key, value, expires_in, 0)
    except PluginError as error:
        if isinstance(error.fault, _types.Error_Conflict):
            return False
        raise
    return True


def remove(key: str) -> bool:
    """Removes a key; False where it was not there."""
    with asking():
        return raw.delete([lower.text(key, "key")]) > 0


def increment(key: str, by: int = 1) -> int:
    """Adds to a counter, which begins at 0, and returns what it is then."""
    with asking():
        return raw.increment(lower.text(key, "key"), lower.whole(by, "by", -(2**63)), None)


def once(name: str, work: Callable[[], T]) -> T | None:
    """Runs `work` unless it has run for this name before: an event's id, or whatever names the effect. None where it has.

    The name is kept in the same transaction as what `work` stores, so that both are there or neither: call it where one is open, as in
    an event handler. Names are remembered for 31 days.
    """
    return work() if put_new(f"once/{name}", True, _REMEMBERED) else None
