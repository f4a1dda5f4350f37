"""Values on their way to the host. One that does not fit its type there would end the call without a word, so each is looked at here
first; one that does not fit is a `TypeError` or `ValueError` that names it."""

from __future__ import annotations

import json as _json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

_SIGNED = 2**63


def text(value: object, where: str) -> str:
    """Text. Halves of surrogate pairs, which no UTF-8 has, become `?`."""
    if not isinstance(value, str):
        raise TypeError(f"{where} has to be text, not {type(value).__name__}")
    return value.encode("utf-8", "replace").decode("utf-8")


def maybe_text(value: object, where: str) -> str | None:
    """Text, or None."""
    return None if value is None else text(value, where)


def texts(values: Iterable[object], where: str) -> list[str]:
    """A list of texts. One text by itself is a slip: its letters would be the list."""
    if isinstance(values, str):
        raise TypeError(f"{where} has to be a list of texts, not one text")
    return [text(one, where) for one in values]


def raw_bytes(value: object, where: str) -> bytes:
    """Bytes."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{where} has to be bytes, not {type(value).__name__}")
    return bytes(value)


def whole(value: object, where: str, least: int = 0, most: int = _SIGNED - 1) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{where} has to be a whole number, not {type(value).__name__}")
    if not least <= value <= most:
        raise ValueError(f"{where} has to be from {least} to {most}, not {value}")
    return value


def small(value: object, where: str) -> int:
    """A number of 32 bits."""
    return whole(value, where, 0, 2**32 - 1)


def millis(value: timedelta, where: str) -> int:
    """A span of time in milliseconds; fractions are cut off."""
    if not isinstance(value, timedelta):
        raise TypeError(f"{where} has to be a timedelta, not {type(value).__name__}")
    return whole(value // timedelta(milliseconds=1), where)


def maybe_millis(value: timedelta | None, where: str) -> int | None:
    """A span of time, or None."""
    return None if value is None else millis(value, where)


def instant(value: datetime, where: str) -> int:
    """A time in milliseconds since 1970."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(f"{where} has to be a datetime with a zone")
    return (value - datetime(1970, 1, 1, tzinfo=timezone.utc)) // timedelta(milliseconds=1)


def local(value: datetime, where: str) -> str:
    """A local time, to the second."""
    if not isinstance(value, datetime) or value.tzinfo is not None:
        raise TypeError(f"{where} has to be a datetime without a zone")
    return value.isoformat(timespec="seconds")


def time(at: int) -> datetime:
    """Milliseconds since 1970 as a time; beyond what can be said, the last that can."""
    start = datetime(1970, 1, 1, tzinfo=timezone.utc)
    try:
        return start + timedelta(milliseconds=at)
    except OverflowError:
        return (datetime.max if at > 0 else datetime.min).replace(tzinfo=timezone.utc)


def json(value: Any, where: str) -> str:
    """A value as the JSON that crosses to the host."""
    try:
        return text(_json.dumps(value, ensure_ascii=False, allow_nan=False), where)
    except RecursionError:
        raise ValueError(f"{where} is nested too deeply") from None


def maybe_json(value: Any, where: str) -> str | None:
    """The same, or None for None."""
    return None if value is None else json(value, where)


def parsed(said: str | bytes, where: str) -> Any:
    """JSON text as a value; a `PluginError` of the kind `invalid` where it is none."""
    from .errors import PluginError

    try:
        return _json.loads(said)
    except (ValueError, RecursionError) as wrong:
        raise PluginError.field(where, "json", str(wrong)) from None
