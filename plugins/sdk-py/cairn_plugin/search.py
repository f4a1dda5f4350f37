"""Full-text indexes of the manifest. Changes are applied after the commit, in order per id. Looking for something is for jobs and
routes, outside transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from componentize_py_types import Err
from wit_world.imports import search as raw

from . import lower
from .errors import PluginError, asking

Tolerance = Literal["off", "standard", "generous"]
_TOLERANCES: dict[Tolerance, raw.Tolerance] = {
    "off": raw.Tolerance.OFF,
    "standard": raw.Tolerance.STANDARD,
    "generous": raw.Tolerance.GENEROUS,
}


@dataclass(frozen=True)
class Entry:
    """What is put into an index."""

    id: str
    document: Mapping[str, Any]
    """Declared fields of the index, and no others."""
    locale: str | None = None
    audience: Sequence[str] = ()
    """`user:<id>`, `admin:<id>`, `token:<id>`, `role:<name>` or segments that may find it; everyone where it is empty."""


@dataclass(frozen=True)
class Facet:
    """What is counted per value."""

    field: str
    limit: int = 10
    ignore_own_filter: bool = False
    """Count as if this field's own filter were absent."""


@dataclass(frozen=True)
class Hit:
    """Something that was found."""

    id: str
    score: float
    document: dict[str, Any]
    highlights: list[tuple[str, str]]
    """Field and fragment: escaped HTML with `mark` elements."""


@dataclass(frozen=True)
class Results:
    """What was found."""

    hits: list[Hit]
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    total: int = 0
    suggestion: str | None = None
    """A better spelling of the text, where there is one."""


def put(index: str, *entries: Entry) -> None:
    """Puts entries into an index."""
    ready = [
        raw.Entry(
            lower.text(one.id, "id"),
            lower.maybe_text(one.locale, "locale"),
            lower.json(one.document, "document"),
            lower.texts(one.audience, "audience"),
        )
        for one in entries
    ]
    name = lower.text(index, "index")
    with asking():
        raw.put(name, ready)


def remove(index: str, *ids: str) -> None:
    """Takes entries out of an index."""
    given = (lower.text(index, "index"), lower.texts(ids, "ids"))
    with asking():
        raw.remove(*given)


def begin_rebuild(index: str) -> str:
    """The name of an empty index to `put` into, beside the one that is searched, until `finish_rebuild` puts it in its place."""
    name = lower.text(index, "index")
    with asking():
        return raw.begin_rebuild(name)


def finish_rebuild(index: str) -> None:
    """Puts a rebuilt index in its place."""
    name = lower.text(index, "index")
    with asking():
        raw.finish_rebuild(name)


def set_synonyms(index: str, locale: str, groups: Sequence[Sequence[str]]) -> None:
    """Groups of words that find each other, instead of those before."""
    given = (lower.text(index, "index"), lower.text(locale, "locale"), [lower.texts(group, "groups") for group in groups])
    with asking():
        raw.set_synonyms(*given)


def query(
    index: str,
    text: str = "",
    locale: str | None = None,
    filters: dict[str, Any] | None = None,
    facets: Sequence[Facet] = (),
    sort: Sequence[str] = (),
    fields: Sequence[str] = (),
    highlight: Sequence[str] = (),
    typo_tolerance: Tolerance = "standard",
    prefix: bool = False,
    start: int = 0,
    limit: int = 20,
    audience: Sequence[str] = (),
) -> Results:
    """Looks for something. `filters` are those of REST over filterable fields; `prefix`: the last word may be unfinished."""
    if typo_tolerance not in _TOLERANCES:
        raise ValueError(f"typo_tolerance is one of {', '.join(_TOLERANCES)}, not {typo_tolerance!r}")
    request = raw.Request(
        lower.text(index, "index"),
        lower.text(text, "text"),
        lower.maybe_text(locale, "locale"),
        lower.maybe_json(filters, "filters"),
        [raw.FacetRequest(lower.text(one.field, "facets"), lower.small(one.limit, "facets"), bool(one.ignore_own_filter)) for one in facets],
        lower.texts(sort, "sort"),
        lower.texts(fields, "fields"),
        lower.texts(highlight, "highlight"),
        _TOLERANCES[typo_tolerance],
        bool(prefix),
        lower.small(start, "start"),
        lower.small(limit, "limit"),
        lower.texts(audience, "audience"),
    )
    with asking():
        answer = raw.query([request])[0]
    if isinstance(answer, Err):
        raise PluginError(answer.value)
    found = answer.value
    hits = [Hit(one.id, one.score, lower.parsed(one.document, "document"), one.highlights) for one in found.hits]
    return Results(hits, {one.field: one.values for one in found.facets}, found.total, found.suggestion)
