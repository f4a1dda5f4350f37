"""What every call to the host can fail with, and what a plugin's own errors become."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from componentize_py_types import Err
from wit_world.imports import types as raw


class PluginError(Exception):
    """An error of the contract: `fault` says which. Calls to the host raise it, and what a handler raises of it reaches the host as it
    is. Any other exception that leaves a handler is logged, and told to the host as a fault of the plugin."""

    def __init__(self, fault: raw.Error) -> None:
        super().__init__(describe(fault))
        self.fault = fault

    @staticmethod
    def field(path: str, code: str, message: str) -> PluginError:
        """One field is wrong: `code` is for programs, `message` for people."""
        return PluginError(raw.Error_Invalid([raw.FieldError(path, code, message)]))

    @staticmethod
    def denied(what: str) -> PluginError:
        """It may not be done."""
        return PluginError(raw.Error_Denied(what))

    @staticmethod
    def not_found(what: str) -> PluginError:
        """It is not there."""
        return PluginError(raw.Error_NotFound(what))

    @staticmethod
    def conflict(kind: str, message: str) -> PluginError:
        """Something is in the way."""
        return PluginError(raw.Error_Conflict(raw.Conflict(kind, None, message)))

    @staticmethod
    def unavailable(after: int | None = None) -> PluginError:
        """Worth trying again, after so many milliseconds where that is known."""
        return PluginError(raw.Error_Unavailable(after))

    def is_conflict(self, kind: str) -> bool:
        """Whether it is a conflict of that kind: `unique`, `version`, `lock`, `state` or `idempotency`."""
        return isinstance(self.fault, raw.Error_Conflict) and self.fault.value.kind == kind


def describe(fault: raw.Error) -> str:
    """One line for a log or a dead letter."""
    match fault:
        case raw.Error_Invalid(fields):
            return "invalid: " + "; ".join(f"{field.path}: {field.message}" for field in fields)
        case raw.Error_Denied(what):
            return f"denied: {what}"
        case raw.Error_NotFound(what):
            return f"not found: {what}"
        case raw.Error_Conflict(conflict):
            return f"conflict ({conflict.kind}): {conflict.message}"
        case raw.Error_Exhausted(budget):
            return f"exhausted: {budget}"
        case raw.Error_Unavailable(after):
            return "unavailable" if after is None else f"unavailable for {after} ms"
        case raw.Error_Internal(text):
            return f"internal: {text}"


@contextmanager
def asking() -> Iterator[None]:
    """Around a call to the host: what it fails with is raised as a `PluginError`."""
    try:
        yield
    except Err as failed:
        raise PluginError(failed.value) from None
