"""One person's data, as the component exports it."""

from __future__ import annotations

from typing import Any

from wit_world.exports import privacy as raw
from wit_world.imports import types

from . import _host, lower
from ._guard import call_of, error
from .privacy import ErasedDocument, ErasureStep, Person, PersonalRecord, Privacy, ReportPage, RetainedRecord


def report(privacy: Privacy, call: types.Call, person: raw.Person, cursor: str | None) -> raw.ReportPage:
    """A page of what the plugin has about a person."""
    _host.begin()
    try:
        page = privacy.report(_person(person), _cursor(cursor), call_of(call))
        if not isinstance(page, ReportPage):
            raise TypeError(f"report returns a ReportPage, not {type(page).__name__}")
        return raw.ReportPage([_record(record) for record in page.records], lower.maybe_json(page.next, "next"))
    except BaseException as raised:
        raise error(raised) from None


def erase(privacy: Privacy, call: types.Call, person: raw.Person, cursor: str | None) -> raw.ErasureStep:
    """A step of erasing what the plugin has about a person."""
    _host.begin()
    try:
        step = privacy.erase(_person(person), _cursor(cursor), call_of(call))
        if not isinstance(step, ErasureStep):
            raise TypeError(f"erase returns an ErasureStep, not {type(step).__name__}")
        erased = [_erased(document) for document in step.erased]
        retained = [_retained(record) for record in step.retained]
        return raw.ErasureStep(erased, lower.texts(step.files, "files"), retained, lower.maybe_json(step.next, "next"))
    except BaseException as raised:
        raise error(raised) from None


def _person(person: raw.Person) -> Person:
    return Person(person.email, person.user, person.admin)


def _cursor(cursor: str | None) -> Any:
    return None if cursor is None else lower.parsed(cursor, "cursor")


def _record(record: PersonalRecord) -> raw.PersonalRecord:
    return raw.PersonalRecord(lower.text(record.kind, "kind"), lower.text(record.title, "title"), lower.json(record.data, "data"))


def _erased(document: ErasedDocument) -> types.DocumentRef:
    return types.DocumentRef(lower.text(document.content_type, "content_type"), lower.text(document.document_id, "document_id"), None)


def _retained(record: RetainedRecord) -> raw.RetainedRecord:
    until = None if record.until is None else lower.instant(record.until, "until")
    texts = (record.kind, "kind"), (record.title, "title"), (record.reason, "reason")
    kind, title, reason = (lower.text(value, name) for value, name in texts)
    return raw.RetainedRecord(kind, title, reason, until)
