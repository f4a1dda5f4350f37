"""Subscribers: how they come in and how they are confirmed."""

from __future__ import annotations

import os

from cairn_plugin import Call, PluginError, data, i18n, mail, settings

SUBSCRIBER = "plugin::newsletter.subscriber"
# Bytes of a token: nobody guesses as many.
BYTES = 32


def ask(call: Call, given: str, language: str) -> None:
    """Asks somebody whether they want it, unless they were asked before. Whether they were nobody is told."""
    email = given.strip().lower()
    if "@" not in email:
        raise PluginError.field("email", "email", i18n.translate("wrong.email", call.locale))
    with data.transaction():
        if data.find(SUBSCRIBER, {"email": {"$eq": email}}, limit=1):
            return
        token = os.urandom(BYTES).hex()
        id = data.create(SUBSCRIBER, {"email": email, "language": language, "confirmed": False, "token": token})
        _, url = settings.site() or ("", "")
        mail.send(f"confirm/{id}", email, "confirm", {"link": f"{url}/api/newsletter/confirm/{token}"}, language)


def confirm(token: str) -> None:
    """Confirms whoever has this token, which is good for once."""
    with data.transaction():
        found = data.find(SUBSCRIBER, {"token": {"$eq": token}}, limit=1) if len(token) == 2 * BYTES else []
        if not found:
            raise PluginError.not_found("")
        data.update(SUBSCRIBER, found[0]["documentId"], {"confirmed": True, "token": ""})
