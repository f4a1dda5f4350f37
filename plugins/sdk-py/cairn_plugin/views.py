"""Admin views: what one shows, and what its buttons do. A view is a dict of the words in `view.schema.json`; the admin draws it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .outcomes import Call


@dataclass(frozen=True)
class Document:
    """The document that a view is shown beside, or that it is the page for."""

    content_type: str
    document_id: str
    locale: str | None


@dataclass(frozen=True)
class ViewRequest:
    """Somebody opens a view."""

    view: str
    document: Document | None
    parameters: dict[str, str]
    """What is chosen in it."""


@dataclass(frozen=True)
class ActionRequest:
    """Somebody presses a button of it."""

    view: str
    action: str
    document: Document | None
    values: Any
    """What was filled in. What it is like the handler has to see for itself."""


@dataclass(frozen=True)
class ActionResult:
    """What comes of a button."""

    view: dict[str, Any] | None = None
    """A new description of the view, when it changed."""
    notice: str | None = None
    """A word for the person."""
    navigate: str | None = None
    """A path of the admin to go to."""


@dataclass(frozen=True)
class View:
    """One `[[admin.view]]` of the manifest that is not a frame. A `PluginError` that is raised is what the person is told."""

    show: Callable[[ViewRequest, Call], dict[str, Any]]
    """Describes it."""
    act: Callable[[ActionRequest, Call], ActionResult | None] | None = None
    """Does what its buttons call."""
