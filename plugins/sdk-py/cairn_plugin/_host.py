"""Time, randomness and what is printed by way of the host, for the standard library and whoever uses it. Imported before everything else
in a component; it has no place in unit tests.

A component is Python as it stood when it was built, with nothing of a system around it: without this, `random` would say the same in
every call, and clocks, files and imports would end it without a word.
"""

from __future__ import annotations

import builtins
import datetime
import io
import linecache
import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from wit_world.imports import clock as _clock
from wit_world.imports import log as _log
from wit_world.imports import random as _random

from . import lower

_begun = False


def begin() -> None:
    """A call begins: from here on there is a host."""
    global _begun
    if not _begun:
        _begun = True
        random.seed(_random.bytes(16))
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder.__name__ != "PathFinder"] + [_NoFiles()]  # type: ignore[attr-defined]


def patch() -> None:
    """Puts the host in place of the system."""

    def now_ms() -> int:
        _needs_host()
        return _clock.now()

    def elapsed_ms() -> int:
        _needs_host()
        return _clock.elapsed()

    def urandom(size: int) -> bytes:
        _needs_host()
        return _random.bytes(size)

    def sleep(seconds: float) -> NoReturn:
        raise RuntimeError("a plugin does not sleep: return retry(…) or again(…) with a time")

    def no_threads(*arguments: Any) -> NoReturn:
        raise RuntimeError("a plugin has no threads")

    def no_files(*arguments: Any, **named: Any) -> NoReturn:
        raise OSError("a plugin has no file system: bytes are kept with files, small state with kv, data in documents")

    native_gmtime = time.gmtime

    def gmtime(seconds: float | None = None) -> time.struct_time:
        return native_gmtime(now_ms() / 1000 if seconds is None else seconds)

    class HostDatetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            found = cls.fromtimestamp(now_ms() / 1000, tz=datetime.timezone.utc)
            return found.replace(tzinfo=None) if tz is None else found.astimezone(tz)

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now()

        @classmethod
        def today(cls) -> Any:
            return cls.now()

    class HostDate(datetime.date):
        @classmethod
        def today(cls) -> Any:
            return HostDatetime.now().date()

    changed: dict[Any, dict[str, Any]] = {
        time: {
            "time": lambda: now_ms() / 1000,
            "time_ns": lambda: now_ms() * 1_000_000,
            "monotonic": lambda: elapsed_ms() / 1000,
            "monotonic_ns": lambda: elapsed_ms() * 1_000_000,
            "perf_counter": lambda: elapsed_ms() / 1000,
            "perf_counter_ns": lambda: elapsed_ms() * 1_000_000,
            "sleep": sleep,
            "gmtime": gmtime,
            "localtime": gmtime,
        },
        threading.Thread: {"start": no_threads},
        builtins: {"open": no_files},
        io: {"open": no_files},
        # Tracebacks show no source: it is not there.
        linecache: {"updatecache": lambda *_: [], "checkcache": lambda *_: None},
        sys: {"stdout": _Printed(_log.Level.INFO), "stderr": _Printed(_log.Level.WARN)},
        datetime: {"datetime": HostDatetime, "date": HostDate},
        os: {"urandom": urandom},
        random: {"_urandom": urandom},
    }
    for module, names in changed.items():
        for name, value in names.items():
            setattr(module, name, value)


class _Printed(io.TextIOBase):
    """What is printed: a line of the log for each line."""

    def __init__(self, level: _log.Level) -> None:
        self._level = level
        self._open = ""

    def write(self, text: str) -> int:
        *whole, self._open = (self._open + text).split("\n")
        for line in whole:
            if _begun and line:
                _log.emit(self._level, lower.text(line, "line"), [])
        return len(text)


class _NoFiles:
    """Says what is wrong with an import that comes too late."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> NoReturn:
        raise ImportError(f"{name} is not in the component: import it at the top level of a module, not in a function")


def _needs_host() -> None:
    if not _begun:
        raise RuntimeError("the clock or randomness was asked for while the plugin was built: do so in a handler, not at the top level of a module")
