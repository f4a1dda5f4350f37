"""The host's clock: it stands still within a transaction and is moved by hand in tests. `time` and `datetime` are wired to it."""

from __future__ import annotations

from datetime import datetime

from wit_world.imports import clock as raw

from . import lower


def now() -> datetime:
    """Now, in UTC."""
    return lower.time(raw.now())
