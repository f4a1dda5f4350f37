"""Bytes that the host keeps. Stored and deleted in jobs and routes, outside transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from wit_world.imports import files as raw

from . import lower
from .errors import asking


@dataclass(frozen=True)
class Info:
    """What is known of a file."""

    id: str
    name: str
    media_type: str
    size: int
    """In bytes."""
    sha256: bytes


def stat(*ids: str) -> list[Info | None]:
    """What is known of files, in their order; None where one is not there, or not to be seen."""
    given = lower.texts(ids, "ids")
    with asking():
        found = raw.stat(given) if given else []
    return [None if one is None else Info(one.id, one.name, one.media_type, one.size, one.sha256) for one in found]


def read(id: str, offset: int = 0, length: int = 2**32 - 1) -> bytes:
    """Some of a file's bytes: fewer at its end, and where one value may have no more."""
    given = (lower.text(id, "id"), lower.whole(offset, "offset"), lower.small(length, "length"))
    with asking():
        return raw.read(*given)


def create(name: str, media_type: str, content: bytes) -> str:
    """Keeps a file, private to the plugin until it is in a document, and returns its id."""
    given = (lower.text(name, "name"), lower.text(media_type, "media_type"), lower.raw_bytes(content, "content"))
    with asking():
        return raw.create(*given)


def keep(id: str, name: str, media_type: str) -> str:
    """Keeps the body of the request, where it came as a file (`request.file`), and returns its new id."""
    given = (lower.text(id, "id"), lower.text(name, "name"), lower.text(media_type, "media_type"))
    with asking():
        return raw.keep(*given)


def link(id: str, valid_for: timedelta) -> str:
    """A signed address that stops working after so long, seven days at most; a public file's own address has no end."""
    given = (lower.text(id, "id"), lower.millis(valid_for, "valid_for"))
    with asking():
        return raw.link(*given)


def remove(*ids: str) -> None:
    """Puts files of the plugin's own into the trash; none where one of them may not be."""
    given = lower.texts(ids, "ids")
    with asking():
        raw.delete(given)
