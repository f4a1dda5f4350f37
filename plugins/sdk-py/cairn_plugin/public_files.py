"""The files in the package's folder `public/`, which every visitor may load."""

from __future__ import annotations

from wit_world.imports import public_files as raw

from . import lower
from .errors import asking


def url(path: str) -> str:
    """The address of such a file, by its path in the folder, for pages: `/plugins/desk/1.2.0/form.js?v=5f0c…`. It changes with the file's
    content, so browsers keep what they loaded."""
    given = lower.text(path, "path")
    with asking():
        return raw.url(given)
