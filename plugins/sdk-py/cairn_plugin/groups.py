"""Groups that the plugin gives to users of the API. Every name begins with the plugin's id: `journey:assembly`. What is set joins the open
transaction, and holds from its commit on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wit_world.imports import groups as raw

from . import lower
from .errors import asking


@dataclass(frozen=True)
class Members:
    """Users of a group."""

    users: list[str]
    """Their ids."""
    next: str | None
    """Where the next page begins; None on the last one."""


def set(user: str, groups: Iterable[str]) -> None:
    """Gives a user these groups, in place of those that they have from this plugin."""
    given = (lower.text(user, "user"), lower.texts(groups, "groups"))
    with asking():
        raw.set_groups(*given)


def list_of(user: str) -> list[str]:
    """The groups that a user has from this plugin, sorted."""
    given = lower.text(user, "user")
    with asking():
        return raw.list_groups(given)


def members(group: str, after: str | None = None, limit: int = 1000) -> Members:
    """The users who have a group of this plugin, behind `after`; at most 1,000."""
    given = (lower.text(group, "group"), lower.maybe_text(after, "after"), lower.small(limit, "limit"))
    with asking():
        found = raw.list_members(*given)
    return Members(found.users, found.next)
