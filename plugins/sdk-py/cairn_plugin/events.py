"""Events of the plugin's own. They join the open transaction."""

from __future__ import annotations

from typing import Any

from wit_world.imports import events as raw

from . import lower
from .errors import asking


def publish(name: str, key: str, data: Any, version: int = 1) -> None:
    """Publishes an event of the manifest. Events of one key arrive in the order they were written: a document's id, mostly."""
    event = raw.Outgoing(lower.text(name, "name"), lower.text(key, "key"), lower.json(data, "data"), lower.small(version, "version"))
    with asking():
        raw.publish([event])
