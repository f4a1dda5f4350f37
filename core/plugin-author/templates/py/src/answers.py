"""Answers to requests."""

from __future__ import annotations

from typing import cast

from cairn_plugin import Call, Reply, Request, data
from content_types import NOTE, Note


def latest(request: Request, call: Call) -> Reply:
    """The titles of the newest notes."""
    notes = cast("list[Note]", data.find(NOTE, sort=["createdAt:desc"], limit=10))
    return Reply(200, json={"data": [note["title"] for note in notes]})
