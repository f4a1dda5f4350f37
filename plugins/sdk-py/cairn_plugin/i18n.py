"""Texts and formats in the languages of the site and of the package."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from wit_world.imports import i18n as raw

from . import lower
from .errors import asking

Style = Literal["short", "medium", "long", "full"]


@dataclass(frozen=True)
class Locale:
    """A language of the site."""

    code: str
    name: str
    is_default: bool


def locales() -> list[Locale]:
    """The languages of the site."""
    return [Locale(one.code, one.name, one.is_default) for one in raw.locales()]


def translate(key: str, locale: str, arguments: dict[str, Any] | None = None) -> str:
    """A text of the package's `locales/`, in that language or the nearest there is; the key where there is none. `arguments` fills its
    places: `{name}`, `{n, plural, …}`."""
    return raw.translate(lower.text(key, "key"), lower.text(locale, "locale"), lower.maybe_json(arguments, "arguments"))


def format_instant(at: datetime, locale: str, zone: str, style: Style = "long") -> str:
    """A time as people of that language write it; `zone` as `Europe/Amsterdam`."""
    given = (lower.instant(at, "at"), lower.text(locale, "locale"), lower.text(zone, "zone"), lower.text(style, "style"))
    with asking():
        return raw.format_instant(*given)


def format_money(amount: Decimal | str, currency: str, locale: str) -> str:
    """An amount of money, which is a decimal and never passes through a floating number; `currency` as `EUR`."""
    if not isinstance(amount, (Decimal, str)):
        raise TypeError(f"amount has to be a Decimal or text, not {type(amount).__name__}")
    given = (lower.text(f"{amount:f}" if isinstance(amount, Decimal) else amount, "amount"), lower.text(currency, "currency"))
    with asking():
        return raw.format_money(*given, lower.text(locale, "locale"))
