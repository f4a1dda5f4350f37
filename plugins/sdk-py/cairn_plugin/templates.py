"""Templates that the host fills in, for a route or a page. Mails and PDFs take theirs by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wit_world.imports import templates as raw

from . import lower
from ._template import Inline, Template, lowered
from .errors import asking

__all__ = ["Inline", "Rendered", "Template", "render"]


@dataclass(frozen=True)
class Rendered:
    """Subject, HTML and text, as far as the template has them."""

    subject: str | None
    html: str | None
    text: str | None


def render(template: Template, model: Any, locale: str) -> Rendered:
    """A template filled in: by its name in the package's `templates/`, or `Inline` with its source. Values are escaped in the HTML; a
    name that the model has not is an error."""
    given = (lowered(template, "template"), lower.json(model, "model"), lower.text(locale, "locale"))
    with asking():
        made = raw.render(*given)
    return Rendered(made.subject, made.html, made.text)
