"""The log and metrics. Lines belong to the call they are written in, and to the request behind it."""

from __future__ import annotations

from wit_world.imports import log as raw

from . import lower

Field = str | int | float | bool


def debug(message: str, **fields: Field) -> None:
    """A line for who looks for a fault."""
    _emit(raw.Level.DEBUG, message, fields)


def info(message: str, **fields: Field) -> None:
    """A line about what happened."""
    _emit(raw.Level.INFO, message, fields)


def warn(message: str, **fields: Field) -> None:
    """A line about what should not happen, but does no harm."""
    _emit(raw.Level.WARN, message, fields)


def error(message: str, **fields: Field) -> None:
    """A line about what somebody has to look at."""
    _emit(raw.Level.ERROR, message, fields)


def counter(name: str, add: int = 1, **labels: str) -> None:
    """Adds to a counter of the manifest."""
    given = [(label, lower.text(value, label)) for label, value in labels.items()]
    raw.counter(lower.text(name, "name"), lower.whole(add, "add"), given)


def _emit(level: raw.Level, message: str, fields: dict[str, Field]) -> None:
    raw.emit(level, lower.text(str(message), "message"), [(name, _scalar(value)) for name, value in fields.items()])


def _scalar(value: object) -> raw.Scalar:
    if isinstance(value, bool):
        return raw.Scalar_Boolean(value)
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return raw.Scalar_Integer(value)
    if isinstance(value, float):
        return raw.Scalar_Number(value)
    return raw.Scalar_Text(lower.text(str(value), "field"))
