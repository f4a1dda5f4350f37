"""What stands between a handler and the host: whatever is raised becomes an answer of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import TypeVar

from componentize_py_types import Err
from wit_world.imports import log
from wit_world.imports import types as raw

from . import lower
from .errors import PluginError, describe
from .outcomes import Call, Dead, Retry

H = TypeVar("H")
# Longest text of an exception that is not one of the contract, in characters.
_MOST = 4_000


def call_of(call: raw.Call) -> Call:
    """A call as handlers have it."""
    kinds = {
        raw.Actor_Anonymous: "anonymous",
        raw.Actor_User: "user",
        raw.Actor_Admin: "admin",
        raw.Actor_Token: "token",
        raw.Actor_System: "system",
    }
    principal = getattr(call.actor, "value", None)
    actor_id = None if principal is None else principal.id
    kind = kinds[type(call.actor)]
    return Call(call.id, call.idempotency_key, kind, actor_id, call.locale, call.attempt, lower.time(call.deadline))


def handler(handlers: Mapping[str, H], name: str, table: str) -> H:
    """The handler of a name, or an error that says which is missing."""
    found = handlers.get(name)
    if found is None:
        raise PluginError.field("", "unimplemented", f'the plugin has no {table}["{name}"] for "{name}" of its manifest')
    return found


def expect(handlers: object, names: list[str], table: str, section: str) -> None:
    """Looks, when the component is built, whether each section of the manifest has its handler."""
    there = set(handlers) if isinstance(handlers, Mapping) else set()
    for missing in [name for name in names if name not in there]:
        raise SystemExit(f'plugin.toml has {section} "{missing}", and `{table}` of main.py no handler of that name')
    for unknown in sorted(there - set(names)):
        raise SystemExit(f'`{table}` of main.py has "{unknown}", and plugin.toml no {section} of that name')


def unexpected(raised: BaseException) -> str:
    """Writes an exception that is not of the contract to the log, with where it was raised, and returns it in a line."""
    try:
        line = f"{type(raised).__name__}: {raised}"
    except Exception:
        line = type(raised).__name__
    trace = _trace(raised.__traceback__)[-_MOST:]
    message = lower.text(line[:_MOST], "message")
    log.emit(log.Level.ERROR, f"raised: {message}", [("trace", log.Scalar_Text(lower.text(trace, "trace")))])
    return message


def _trace(at: TracebackType | None) -> str:
    """Where it was raised. The lines of the source are not shown: they would be read from files, which there are none of."""
    lines = []
    while at is not None:
        code = at.tb_frame.f_code
        lines.append(f"{code.co_filename}:{at.tb_lineno} in {code.co_name}")
        at = at.tb_next
    return "\n".join(lines)


def failed(raised: BaseException) -> Retry | Dead:
    """What to answer for an exception: faults that a repetition cannot cure end it, all others come again, by the manifest's policy or
    after the time the host named."""
    if not isinstance(raised, PluginError):
        return Retry(unexpected(raised), None)
    match raised.fault:
        case raw.Error_Unavailable(after):
            return Retry("unavailable", None if after is None else timedelta(milliseconds=after))
        case raw.Error_Invalid() | raw.Error_Denied():
            return Dead(describe(raised.fault))
        case _:
            return Retry(describe(raised.fault), None)


def error(raised: BaseException) -> Err[raw.Error]:
    """An exception as the host knows it."""
    return Err(raised.fault if isinstance(raised, PluginError) else raw.Error_Internal(unexpected(raised)))


def pause(retry: Retry) -> tuple[str, int | None]:
    """When something comes again, as it crosses to the host."""
    return (lower.text(retry.why, "why"), lower.maybe_millis(retry.after, "after"))
