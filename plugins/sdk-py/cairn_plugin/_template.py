"""A template as it crosses to the host: for mails, PDFs and pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from wit_world.imports import templates as raw

from . import lower


@dataclass(frozen=True)
class Inline:
    """The source of a template itself, such as a text that an editor wrote: a JSON object with `subject`, `text` and `html`, or one text."""

    source: str


Template = Union[str, Inline]
"""The name of one in the package's `templates/`, or the source itself."""


def lowered(template: Template, where: str) -> raw.Template:
    """As the contract has it."""
    if isinstance(template, Inline):
        return raw.Template_Inline(lower.text(template.source, f"{where}.source"))
    return raw.Template_Named(lower.text(template, where))
