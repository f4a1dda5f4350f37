"""Users of the API: people with an account at the site, whom a plugin can invite. User and mail join the open transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wit_world.imports import users as raw

from . import lower
from .errors import asking

InvitationOutcome = Literal["created", "sent-again", "already-sent", "has-password", "blocked"]
"""What became of an invitation: `created` a user with a mail on its way; `sent-again` to one without a password or a verified address;
`already-sent` within the same minute; `has-password` or `blocked`, and nothing was sent."""

_OUTCOMES: dict[raw.InvitationOutcome, InvitationOutcome] = {
    raw.InvitationOutcome.CREATED: "created",
    raw.InvitationOutcome.SENT_AGAIN: "sent-again",
    raw.InvitationOutcome.ALREADY_SENT: "already-sent",
    raw.InvitationOutcome.HAS_PASSWORD: "has-password",
    raw.InvitationOutcome.BLOCKED: "blocked",
}


@dataclass(frozen=True)
class Invited:
    """A user, and what became of their invitation."""

    user: str
    """The id of the user's document."""
    outcome: InvitationOutcome
    """Whether a mail is on its way, or why none is."""


def invite(email: str, *, name: str | None = None, role: str | None = None, language: str | None = None) -> Invited:
    """Invites the person with an address, who chooses their first password by a link that is mailed to them. It may be repeated: an address
    is one user, who gets at most one mail within a minute, and none once they have a password. Without `name` a new user is called by their
    address; without `role`, which has to be granted, they get the role that the site gives new users; without `language` the mail is in that
    of the site."""
    invitation = raw.Invitation(
        lower.text(email, "email"),
        lower.maybe_text(name, "name"),
        lower.maybe_text(role, "role"),
        lower.maybe_text(language, "language"),
    )
    with asking():
        invited = raw.invite(invitation)
    return Invited(invited.user, _OUTCOMES[invited.outcome])
