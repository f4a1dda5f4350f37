"""PDFs of templates, and what is done with PDFs. In jobs and routes, and not in an open transaction. What comes of it is a file of the
plugin: its id goes with a mail, into a document, or to `files` of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from wit_world.imports import pdf as raw

from . import lower
from ._template import Template, lowered
from .errors import asking


@dataclass(frozen=True)
class Image:
    """A picture that goes into a field: the id of its file."""

    file: str


FieldValue = Union[str, bool, Image]
"""What goes into a field: text, a tick, or a picture."""


@dataclass(frozen=True)
class Field:
    """A place that can be filled: a marked one (`{{sign:buyer}}`) or a form field."""

    name: str
    page: int
    """The first is 1."""
    left: float
    """In points, as everything here, from the upper left corner."""
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class PlacedValue:
    """A value and where it is drawn."""

    page: int
    """The first is 1."""
    left: float
    """In points, as everything here, from the upper left corner of the page as it is displayed."""
    top: float
    width: float
    height: float
    value: FieldValue


@dataclass(frozen=True)
class Inspection:
    """The pages, the form and the signatures of a PDF."""

    pages: list[tuple[float, float]]
    """Width and height in points, as they are displayed."""
    sha256: bytes
    form: str
    """`none`, `acro-form` or `xfa`."""
    signatures: int
    final_seal: bool
    """A signature forbids later changes."""


def render(template: Template, model: Any, locale: str, file_name: str, profile: str = "pdf", attachments: Sequence[str] = ()) -> str:
    """Makes a PDF of `templates/<template>.<locale>.typ` and returns its file's id. The template finds `model` in `/data.json`, and each
    of the `attachments` in `/files/<id>`. `profile`: `pdf`, `pdf-a-2b`, or `pdf-a-3b`, which has the attachments in it."""
    request = raw.RenderRequest(
        lowered(template, "template"),
        lower.json(model, "model"),
        lower.text(locale, "locale"),
        lower.text(file_name, "file_name"),
        lower.text(profile, "profile"),
        [lower.text(one, "attachments") for one in attachments],
    )
    with asking():
        return raw.render_pdf(request)


def locate(file: str) -> list[Field]:
    """The places of a PDF that can be filled, page by page, from above."""
    with asking():
        found = raw.locate_fields(lower.text(file, "file"))
    return [Field(one.name, one.page, *one.box) for one in found]


def fill(file: str, fields: Mapping[str, FieldValue]) -> str:
    """A new file with the fields filled and made a part of the pages."""
    ready = [raw.PlacedField(lower.text(name, "fields"), _value(value, f"fields.{name}")) for name, value in fields.items()]
    with asking():
        return raw.fill(lower.text(file, "file"), ready)


def place_values(file: str, values: Sequence[PlacedValue]) -> str:
    """A new file with values drawn at positions of its pages. A form is flattened."""
    ready = [_placed(value, f"values[{i}]") for i, value in enumerate(values)]
    with asking():
        return raw.place_values(lower.text(file, "file"), ready)


def draw_page(file: str, page: int, width: int) -> str:
    """A PNG of a page as it is displayed. The first page is 1; the width is in pixels, 16 to 2000."""
    with asking():
        return raw.draw_page(lower.text(file, "file"), lower.small(page, "page"), lower.small(width, "width"))


def inspect(file: str) -> Inspection:
    """The pages of a PDF, its hash, its form and its signatures."""
    with asking():
        found = raw.inspect(lower.text(file, "file"))
    pages = [(page.width, page.height) for page in found.pages]
    return Inspection(pages, found.sha256, _FORMS[found.form], found.signatures, found.final_seal)


def merge(files: Sequence[str], file_name: str) -> str:
    """PDFs one after another in a new file."""
    with asking():
        return raw.merge([lower.text(one, "files") for one in files], lower.text(file_name, "file_name"))


_FORMS = {raw.FormKind.NONE: "none", raw.FormKind.ACRO_FORM: "acro-form", raw.FormKind.XFA: "xfa"}


def _placed(one: PlacedValue, where: str) -> raw.PlacedValue:
    box = (
        _number(one.left, f"{where}.left"),
        _number(one.top, f"{where}.top"),
        _number(one.width, f"{where}.width"),
        _number(one.height, f"{where}.height"),
    )
    return raw.PlacedValue(lower.small(one.page, f"{where}.page"), box, _value(one.value, f"{where}.value"))


def _number(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{where} has to be a number, not {type(value).__name__}")
    return float(value)


def _value(value: FieldValue, where: str) -> raw.FieldValue:
    if isinstance(value, bool):
        return raw.FieldValue_Checked(value)
    if isinstance(value, Image):
        return raw.FieldValue_Image(lower.text(value.file, where))
    return raw.FieldValue_Text(lower.text(value, where))
