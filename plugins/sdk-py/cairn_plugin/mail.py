"""Mail, and notices in the admin. They join the open transaction and leave after the commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wit_world.imports import mail as raw

from . import lower
from ._template import Inline, Template, lowered
from .errors import asking

__all__ = ["Inline", "Template", "notify", "send"]


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
    message = raw.Message(
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
    hidden = [lower.text(one, "secrets") for one in secrets]
    with asking():
        if hidden:
            return raw.send_confidential([raw.Confidential(message, hidden)])[0]
        return raw.send([message])[0]


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
