"""Mail, and notices in the admin. They join the open transaction and leave after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from wit_world.imports import mail as raw

from . import lower
from ._template import Inline, Template, lowered
from .errors import asking

__all__ = ["Inline", "Invitation", "Template", "notify", "send", "send_invitation"]


@dataclass(frozen=True)
class Invitation:
    """An event for the calendars of those who get the mail. `uid` names it for good, in every change and in its cancellation, such as
    `4f1c2e@bookings.example.org`; `summary` is its title. From one time to another, whose end may not be known; or from the first to the
    last of whole days, as dates. `sequence` is the number of the change, greater each time: calendars ignore what is older than what they
    have. `cancel` takes the event away."""

    uid: str
    summary: str
    start: datetime | date
    end: datetime | date | None = None
    sequence: int = 0
    method: Literal["request", "cancel"] = "request"
    description: str | None = None
    location: str | None = None


def send(
    key: str,
    to: str | Sequence[str],
    template: Template,
    model: Any,
    locale: str,
    attachments: Sequence[str] = (),
    *,
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    reply_to: str | None = None,
    headers: Mapping[str, str] | None = None,
    secrets: Sequence[str] = (),
) -> str:
    """Sends a mail by a template of the package's `templates/`, with the values that it names, and returns the id that `cairn.mail.*`
    events tell of. `key` names it: a key used before is not sent again, so that what is repeated mails once. `headers` are `X-…`,
    `In-Reply-To`, `References` and those of mailing lists (`List-Unsubscribe`). `secrets` are texts of it that only who gets it reads,
    such as the token of a link that is good once: `•••` for everybody else."""
    message = _message(key, to, template, model, locale, attachments, cc, bcc, reply_to, headers)
    hidden = [lower.text(one, "secrets") for one in secrets]
    with asking():
        if hidden:
            return raw.send_confidential([raw.Confidential(message, hidden)])[0]
        return raw.send([message])[0]


def send_invitation(
    invitation: Invitation,
    to: str | Sequence[str],
    template: Template,
    model: Any,
    locale: str,
    attachments: Sequence[str] = (),
    *,
    cc: Sequence[str] = (),
    bcc: Sequence[str] = (),
    reply_to: str | None = None,
    headers: Mapping[str, str] | None = None,
    secrets: Sequence[str] = (),
) -> str:
    """Sends a mail with an event, which mail programs put into calendars, change or take away, and returns the id that `cairn.mail.*`
    events tell of. The same uid, sequence and method are not sent to the same address again. The rest is as in `send`."""
    message = _message("", to, template, model, locale, attachments, cc, bcc, reply_to, headers)
    if invitation.method not in ("request", "cancel"):
        raise ValueError(f'invitation.method has to be "request" or "cancel", not {invitation.method!r}')
    event = raw.Invitation(
        lower.text(invitation.uid, "invitation.uid"),
        lower.small(invitation.sequence, "invitation.sequence"),
        raw.InvitationMethod.CANCEL if invitation.method == "cancel" else raw.InvitationMethod.REQUEST,
        _event_time(invitation.start, invitation.end),
        lower.text(invitation.summary, "invitation.summary"),
        lower.maybe_text(invitation.description, "invitation.description"),
        lower.maybe_text(invitation.location, "invitation.location"),
    )
    hidden = [lower.text(one, "secrets") for one in secrets]
    with asking():
        return raw.send_invitations([raw.InvitationMail(message, event, hidden)])[0]


def _event_time(start: object, end: object) -> raw.EventTime:
    if isinstance(start, datetime):
        if end is not None and not isinstance(end, datetime):
            raise TypeError("invitation.end has to be a datetime, as the start is")
        last = None if end is None else lower.instant(end, "invitation.end")
        return raw.EventTime_Timed(raw.TimeSpan(lower.instant(start, "invitation.start"), last))
    if not isinstance(start, date):
        raise TypeError(f"invitation.start has to be a datetime or a date, not {type(start).__name__}")
    if isinstance(end, datetime) or not (end is None or isinstance(end, date)):
        raise TypeError("invitation.end has to be a date, as the start is")
    return raw.EventTime_AllDay(raw.DaySpan(start.isoformat(), (start if end is None else end).isoformat()))


def _message(
    key: str,
    to: str | Sequence[str],
    template: Template,
    model: Any,
    locale: str,
    attachments: Sequence[str],
    cc: Sequence[str],
    bcc: Sequence[str],
    reply_to: str | None,
    headers: Mapping[str, str] | None,
) -> raw.Message:
    return raw.Message(
        lower.text(key, "key"),
        lower.texts([to] if isinstance(to, str) else to, "to"),
        lower.texts(cc, "cc"),
        lower.texts(bcc, "bcc"),
        lower.maybe_text(reply_to, "reply_to"),
        lowered(template, "template"),
        lower.json(model, "model"),
        lower.text(locale, "locale"),
        lower.texts(attachments, "attachments"),
        [(lower.text(name, "headers"), lower.text(value, f"headers.{name}")) for name, value in (headers or {}).items()],
    )


def notify(key: str, to: str | Sequence[str], title: str, text: str, link: str | None = None) -> None:
    """Puts a notice into the admin's inbox: of admin users by id, or of `role:<name>`. `link` is a path of the admin."""
    notice = raw.Notice(
        lower.text(key, "key"),
        lower.texts([to] if isinstance(to, str) else to, "to"),
        lower.text(title, "title"),
        lower.text(text, "text"),
        lower.maybe_text(link, "link"),
    )
    with asking():
        raw.notify([notice])
