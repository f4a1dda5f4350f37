"""What the operator has set."""

from __future__ import annotations

from typing import Any

from wit_world.imports import settings as raw

from . import lower


def get() -> dict[str, Any]:
    """The settings: the defaults of their schema, then the operator's values. Secrets are never among them."""
    settings: dict[str, Any] = lower.parsed(raw.get(), "settings")
    return settings


def site() -> tuple[str, str] | None:
    """What the operator calls the site, and where it is, without a slash at the end; None where nobody has said."""
    found = raw.site()
    return None if found is None else (found.name, found.url)
