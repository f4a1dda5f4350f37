"""What the operator has set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wit_world.imports import settings as raw

from . import lower


def get() -> dict[str, Any]:
    """The settings: the defaults of their schema, then the operator's values. Secrets are never among them."""
    settings: dict[str, Any] = lower.parsed(raw.get(), "settings")
    return settings


def chosen(choice: str) -> list[str]:
    """What the operator chose for a [[choice]] of the manifest: uids of content types, or origins. Empty where nothing was chosen."""
    return list(raw.chosen(choice))


def site() -> tuple[str, str] | None:
    """What the operator calls the site, and where it is, without a slash at the end; None where nobody has said."""
    found = raw.site()
    return None if found is None else (found.name, found.url)


@dataclass(frozen=True)
class Look:
    """How a site looks and where it is at home: what the operator chose, and a default for the rest. `accent` is a colour as `#rrggbb`,
    `on_accent` that of text on it, `logo` the address of a picture, `zone` the name of a time zone, `locale` the default locale."""

    accent: str
    on_accent: str
    logo: str | None
    zone: str
    locale: str


def look() -> Look:
    """How the site looks and where it is at home."""
    found = raw.look()
    return Look(found.accent, found.on_accent, found.logo, found.zone, found.locale)
