"""Subscriptions, as the component exports them."""

from __future__ import annotations

from collections.abc import Mapping

from wit_world.exports import event_handler as raw
from wit_world.imports import types

from . import _host, lower
from ._guard import call_of, failed, handler, pause
from .outcomes import Dead, Event, EventHandler, Retry


def handle(
    subscriptions: Mapping[str, EventHandler], call: types.Call, subscription: str, events: list[raw.Event]
) -> list[raw.Ack]:
    """A batch of one subscription: the first that fails undoes all, and those after it are not tried."""
    _host.begin()
    acks: list[raw.Ack] = []
    while len(acks) < len(events):
        try:
            one = handler(subscriptions, subscription, "subscriptions")
            ack = _lowered(one(_event(events[len(acks)]), call_of(call)))
        except BaseException as raised:
            ack = _lowered(failed(raised))
        acks.append(ack)
        if not isinstance(ack, raw.Ack_Done):
            waiting = raw.Ack_Retry(("an event before it was not handled", None))
            acks.extend([waiting] * (len(events) - len(acks)))
    return acks


def _event(event: raw.Event) -> Event:
    at = lower.time(event.at)
    return Event(event.id, event.sequence, event.name, event.key, at, event.data, event.version, event.origin, event.replayed)


def _lowered(answer: object) -> raw.Ack:
    match answer:
        case None:
            return raw.Ack_Done()
        case Retry():
            return raw.Ack_Retry(pause(answer))
        case Dead(why):
            return raw.Ack_Reject(lower.text(why, "why"))
        case _:
            raise TypeError(f"an event handler returns None, retry(…) or reject(…), not {type(answer).__name__}")
