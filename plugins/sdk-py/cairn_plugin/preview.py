"""Previews as somebody else, at a time to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from wit_world.imports import preview as raw

from . import lower


@dataclass(frozen=True)
class Preview:
    """A preview that a call is for."""

    at: datetime
    """The time that is shown; the clock gives it too."""


def current() -> Preview | None:
    """The preview that this call is for; `None`: the call is an ordinary one. Everything that a call for a preview stores is rolled back,
    and its actor is the person whose view is shown."""
    found = raw.current()
    return None if found is None else Preview(lower.time(found.at))
