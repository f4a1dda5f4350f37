"""The people who work in the admin: their ids, names and roles. Their ids are those of the call's actor and of `mail.notify`. At most 100
are found at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wit_world.imports import people as raw

from . import lower
from .errors import asking


@dataclass(frozen=True)
class Person:
    """Somebody who works in the admin."""

    id: str
    """Stays when they are renamed."""
    name: str | None
    """First and last name; None for somebody who has entered neither."""
    roles: list[str]
    """Codes of their roles."""
    active: bool
    """They may sign in."""


@dataclass(frozen=True)
class Page:
    """People of one page."""

    people: list[Person]
    """In the order of their ids."""
    next: str | None
    """Where the next page begins; None on the last one."""


def find_by_ids(ids: Iterable[str]) -> list[Person]:
    """People with these ids, up to 100, also those who are not active any more. An id of nobody finds nobody."""
    return _find(raw.Filter_Ids(lower.texts(ids, "ids")), None, 100).people


def find_by_names(names: Iterable[str], after: str | None = None, limit: int = 100) -> Page:
    """Active people whose name fits one of these texts: each word of the text begins a word of the name. An empty text fits everybody."""
    return _find(raw.Filter_Names(lower.texts(names, "names")), after, limit)


def find_by_roles(roles: Iterable[str], after: str | None = None, limit: int = 100) -> Page:
    """Active people who have one of these roles, by code."""
    return _find(raw.Filter_Roles(lower.texts(roles, "roles")), after, limit)


def _find(by: raw.Filter, after: str | None, limit: int) -> Page:
    given = (by, lower.maybe_text(after, "after"), lower.small(limit, "limit"))
    with asking():
        found = raw.find(*given)
    return Page([Person(one.id, one.name, one.roles, one.active) for one in found.people], found.next)
