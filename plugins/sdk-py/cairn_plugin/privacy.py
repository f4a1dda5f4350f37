"""What a plugin has about one person: reported to them, and erased. Both functions are called until they return no `next`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .outcomes import Call


@dataclass(frozen=True)
class Person:
    """Whose data are reported or erased."""

    email: str
    """In lower case. Compare addresses without regard to case."""
    user: str | None
    """Id of the user of the content API with that address."""
    admin: str | None
    """Id of the admin user with that address."""


@dataclass(frozen=True)
class PersonalRecord:
    """One thing that is stored about a person."""

    kind: str
    """For people, or `t:` and a key of `locales/`."""
    title: str
    """Tells it from others of its kind."""
    data: Any
    """All of it that is about the person."""


@dataclass(frozen=True)
class RetainedRecord:
    """One thing that must not be erased yet."""

    kind: str
    """For people, or `t:` and a key of `locales/`."""
    title: str
    reason: str
    """Why it stays: for people, or `t:` and a key of `locales/`."""
    until: datetime | None = None
    """Until when; None where that is not known."""


@dataclass(frozen=True)
class ErasedDocument:
    """A document that was deleted, or is no longer about the person: its history goes as well."""

    content_type: str
    document_id: str


@dataclass(frozen=True)
class ReportPage:
    """A page of a report."""

    records: list[PersonalRecord] = field(default_factory=list)
    next: Any = None
    """What the call for the next page gets; None at the end."""


@dataclass(frozen=True)
class ErasureStep:
    """A step of an erasure."""

    erased: list[ErasedDocument] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    """Ids of files that the plugin created and that are about the person: they are deleted for good."""
    retained: list[RetainedRecord] = field(default_factory=list)
    next: Any = None
    """What the next step gets; None at the end."""


@dataclass(frozen=True)
class Privacy:
    """One person's data. Both functions get the person, what the call before returned as `next` (None on the first), and the call."""

    report: Callable[[Person, Any, Call], ReportPage]
    """Stores nothing."""
    erase: Callable[[Person, Any, Call], ErasureStep]
    """One step, in a transaction of its own. Erasing what is erased already does nothing; what stays is named each time."""
