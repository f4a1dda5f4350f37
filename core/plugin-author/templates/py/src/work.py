"""What follows from a note that was stored."""

from __future__ import annotations

from typing import cast

import rules
from cairn_plugin import Call, Event, Task, data, queue
from content_types import NOTE, Note, NoteData


def notes(event: Event, call: Call) -> None:
    """Has the words of a note counted."""
    # What the plugin wrote itself comes by here as well.
    if event.origin == "plugin:__id__":
        return
    document = event.document_id()
    # One that still waits for this note is enough: a job looks at how the note stands when it runs.
    queue.enqueue("measure", document, key=document)


def measure(task: Task, call: Call) -> None:
    """Counts them."""
    document: str = task.payload()
    note = cast("Note | None", data.get(NOTE, document))
    # Deleted since.
    if note is None:
        return
    words = rules.words(note["body"] or "")
    # A job may come twice: the second time there is nothing left to do.
    if note["words"] != words:
        changed: NoteData = {"words": words}
        data.update(NOTE, document, changed)
