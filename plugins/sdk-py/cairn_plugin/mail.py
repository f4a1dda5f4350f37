"""Mail. It joins the open transaction and leaves after the commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wit_world.imports import mail as raw
from wit_world.imports import templates

from . import lower
from .errors import asking


def send(
    key: str,
    to: Sequence[str],
    template: str,
    model: Any,
    locale: str,
    attachments: Sequence[str] = (),
    secrets: Sequence[str] = (),
) -> str:
    """Sends a mail by a template of the package's `templates/`, with the values that it names, and returns the id that `cairn.mail.*`
    events tell of. `key` names it: a key used before is not sent again, so that what is repeated mails once. `secrets` are texts of it
    that only who gets it reads, such as the token of a link that is good once: `•••` for everybody else."""
    message = raw.Message(
        lower.text(key, "key"),
        [lower.text(one, "to") for one in to],
        [],
        [],
        None,
        templates.Template_Named(lower.text(template, "template")),
        lower.json(model, "model"),
        lower.text(locale, "locale"),
        [lower.text(one, "attachments") for one in attachments],
        [],
    )
    hidden = [lower.text(one, "secrets") for one in secrets]
    with asking():
        if hidden:
            return raw.send_confidential([raw.Confidential(message, hidden)])[0]
        return raw.send([message])[0]
