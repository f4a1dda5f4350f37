"""Time zones, by the host's rules. Every list has at most 1,000 entries, and the result is in its order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from wit_world.imports import zones as raw

from . import lower
from .errors import asking


def to_local(zone: str, at: Iterable[datetime]) -> list[datetime]:
    """The local times of times, without a zone; `zone` as `Europe/Amsterdam`."""
    given = (lower.text(zone, "zone"), [lower.instant(one, f"at[{index}]") for index, one in enumerate(at)])
    with asking():
        return [datetime.fromisoformat(one) for one in raw.to_local(*given)]


def to_instants(zone: str, local: Iterable[datetime]) -> list[datetime]:
    """When clocks show these local times. A time that they skip moves forward by what they skip; of one that comes twice it is the first."""
    given = (lower.text(zone, "zone"), [lower.local(one, f"local[{index}]") for index, one in enumerate(local)])
    with asking():
        return [lower.time(at) for at in raw.to_instants(*given)]


def plus(zone: str, start: datetime, durations: Iterable[str]) -> list[datetime]:
    """The times that are later by ISO 8601 durations (`P1D`, `P4M`, `PT36H`, `-P1W`). Dates are counted on the zone's calendar and keep the
    hour of the clock; hours, minutes and seconds are elapsed time."""
    given = (lower.text(zone, "zone"), lower.instant(start, "start"), lower.texts(durations, "durations"))
    with asking():
        return [lower.time(at) for at in raw.plus(*given)]
