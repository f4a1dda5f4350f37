"""What handlers are given, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Union

from . import lower


@dataclass(frozen=True)
class Call:
    """Given to every handler."""

    id: str
    """Unique per attempt."""
    idempotency_key: str
    """Equal across retries of one event, job or idempotent request."""
    actor: str
    """`anonymous`, `user`, `admin`, `token` or `system`."""
    actor_id: str | None
    locale: str
    attempt: int
    """1 on the first try."""
    deadline: datetime
    """When the host stops this call."""


@dataclass(frozen=True)
class Event:
    """Something that happened. It comes at least once, in order per key."""

    id: str
    """Stable across redeliveries."""
    sequence: int
    name: str
    key: str
    at: datetime
    text: str
    version: int
    origin: str
    replayed: bool

    def data(self) -> Any:
        """What the event says."""
        return lower.parsed(self.text, "data")

    def document_id(self) -> str:
        """The id of the document that an event of the kind `cairn.document.*` is about; else its key."""
        data = self.data()
        said = data.get("documentId") if isinstance(data, dict) else None
        return said if isinstance(said, str) else self.key


@dataclass(frozen=True)
class Task:
    """One slice of a job."""

    id: str
    name: str
    key: str | None
    payload_text: str
    due: datetime
    checkpoint_text: str | None

    def payload(self) -> Any:
        """What the job was enqueued with."""
        return lower.parsed(self.payload_text, "payload")

    def checkpoint(self) -> Any:
        """What the slice before left with `again`; None on the first."""
        return None if self.checkpoint_text is None else lower.parsed(self.checkpoint_text, "checkpoint")


@dataclass(frozen=True)
class Request:
    """A request to a route, after the host has done authentication, limits, CORS and idempotency."""

    route: str
    method: str
    path: str
    parameters: list[tuple[str, str]]
    query: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    body: bytes
    client_address: str | None
    file: str | None = None
    """The id of the file that the body is. Only this call can read it; it is gone afterwards, unless it is kept (`files.keep`)."""

    def parameter(self, name: str) -> str:
        """The value of a `{name}` in the route's path; empty where the path has none of that name."""
        return next((value for given, value in self.parameters if given == name), "")

    def header(self, name: str) -> str | None:
        """The first header of that name, in whatever case it was sent."""
        return next((value for given, value in self.headers if given.lower() == name.lower()), None)

    def json(self) -> Any:
        """The body read as JSON; a `PluginError` of the kind `invalid` where it is none."""
        return lower.parsed(self.body, "")


@dataclass(frozen=True)
class Reply:
    """An answer. `json` is a body in JSON, with its media type."""

    status: int
    json: Any = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """Finished."""

    value: Any = None


@dataclass(frozen=True)
class Again:
    """Part done."""

    checkpoint: Any
    after: timedelta


@dataclass(frozen=True)
class Retry:
    """Not done: it comes again."""

    why: str
    after: timedelta | None


@dataclass(frozen=True)
class Dead:
    """Not done, and no further tries."""

    why: str


Outcome = Union[Done, Again, Retry, Dead]
"""How a slice of a job ended."""

JobHandler = Callable[[Task, Call], Union[Outcome, None]]
"""Does one slice of a job. None is done; an exception comes again, or ends it where a repetition cannot cure it."""

EventHandler = Callable[[Event, Call], Union[Retry, Dead, None]]
"""Handles one event. None is done. The whole batch is one transaction: with any other answer what it stored is rolled back and the
events come again one by one."""

RouteHandler = Callable[[Request, Call], Reply]
"""Answers one request. A `PluginError` is the answer with the status that fits; any other exception is 500, without its text."""


def done(value: Any = None) -> Outcome:
    """Finished, with something to tell or nothing."""
    return Done(value)


def again(checkpoint: Any, after: timedelta = timedelta()) -> Outcome:
    """Part done: the next call gets `checkpoint`, and comes after so long."""
    return Again(checkpoint, after)


def retry(why: str, after: timedelta | None = None) -> Retry:
    """It comes again: by the manifest's policy, or after so long."""
    return Retry(why, after)


def dead(why: str) -> Outcome:
    """No further tries."""
    return Dead(why)


def reject(why: str) -> Dead:
    """Of an event: straight to the dead letters."""
    return Dead(why)
