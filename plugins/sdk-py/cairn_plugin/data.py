"""Documents: of the plugin's own types and of those granted to it, in the language of the REST API.

Calls use the plugin's rights, which are its grants, unless `as_caller` is set: then they are cut down to what the actor of the call may
do. Event handlers are in a transaction already; elsewhere `transaction` opens one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from componentize_py_types import Err
from wit_world.imports import data as raw
from wit_world.imports import random, types

from . import lower
from .errors import PluginError, asking

Row = dict[str, Any]


def find(
    content_type: str,
    filters: dict[str, Any] | None = None,
    sort: Sequence[str] = (),
    fields: Sequence[str] = (),
    populate: dict[str, Any] | None = None,
    locale: str | None = None,
    limit: int = 100,
    start: int = 0,
    drafts: bool = False,
    lock: bool = False,
    as_caller: bool = False,
) -> list[Row]:
    """Documents of a type: `filters` and `populate` as in REST, `sort` as `["createdAt:desc"]`, `fields` all that may be read unless
    named. `lock` holds the rows until the transaction ends."""
    query = _query(content_type, filters, sort, fields, populate, locale, drafts)
    window = (lower.small(start, "start"), lower.small(limit, "limit"))
    op = raw.ReadOp_Find(raw.Find(query, raw.Paging_Offset(window), False, bool(lock)))
    rows: list[Row] = lower.parsed(_rows(op, as_caller).data, "rows")
    return rows


def get(content_type: str, document_id: str, fields: Sequence[str] = (), locale: str | None = None, drafts: bool = False) -> Row | None:
    """One document by its id; None where it is not there or may not be seen."""
    query = _query(content_type, None, (), fields, None, locale, drafts)
    ids = [lower.text(document_id, "document_id")]
    many = raw.GetMany(query.content_type, ids, query.fields, None, query.locale, query.status, False)
    rows: list[Row | None] = lower.parsed(_rows(raw.ReadOp_GetMany(many), False).data, "rows")
    return rows[0]


def count(content_type: str, filters: dict[str, Any] | None = None, drafts: bool = False, as_caller: bool = False) -> int:
    """How many documents there are."""
    found = _read(raw.ReadOp_Count(_query(content_type, filters, (), (), None, None, drafts)), as_caller)
    if not isinstance(found, raw.Found_Count):
        raise PluginError(types.Error_Internal("an answer of another kind than asked for"))
    return found.value


def measure_groups(
    content_type: str,
    group_by: Sequence[str],
    measures: Sequence[str],
    filters: dict[str, Any] | None = None,
    sort: Sequence[str] = (),
    locale: str | None = None,
    limit: int = 100,
    drafts: bool = False,
    as_caller: bool = False,
) -> list[dict[str, Any]]:
    """Figures of documents in groups, such as `{"group": {"stage": "new"}, "count": 3, "median": {"amount": 12.5}}`. `group_by`: scalars, also
    through relations (`owner.name`), and calendar periods of dates (`due@month`, `createdAt@week@Europe/Amsterdam`); none for all documents
    together. `measures`: `count`, or `sum`, `average`, `median`, `minimum` or `maximum` of a field (`median.amount`). `sort` orders the
    groups: `["median.amount:desc"]`."""
    query = _query(content_type, filters, sort, (), None, locale, drafts)
    groups = [lower.text(name, "group_by") for name in group_by]
    asked = raw.GroupMeasures(query, groups, [lower.text(measure, "measures") for measure in measures], lower.small(limit, "limit"))
    with asking():
        result = raw.measure_groups([asked], _rights(as_caller))[0]
    if isinstance(result, Err):
        raise PluginError(result.value)
    found: list[dict[str, Any]] = lower.parsed(result.value.data, "rows")
    return found


def create(content_type: str, fields: Mapping[str, Any], locale: str | None = None, draft: bool = False) -> str:
    """Creates a document and returns its id."""
    made = raw.Create(lower.text(content_type, "content_type"), lower.json(fields, "fields"), lower.maybe_text(locale, "locale"), _status(draft))
    return _write(raw.WriteOp_Create(made)).target.document_id


@dataclass(frozen=True)
class NewDocument:
    """A document to create, with an id from `new_id`."""

    id: str
    content_type: str
    fields: Mapping[str, Any]
    locale: str | None = None
    draft: bool = False


def new_id() -> str:
    """An id for a document that is yet to be created."""
    return random.new_id()


def create_with_ids(documents: Sequence[NewDocument], as_caller: bool = False) -> None:
    """Creates documents with ids from `new_id`, together or not at all, in their order. Later ones may be related to those before them."""
    creates = [
        raw.IdentifiedCreate(
            lower.text(document.id, "id"),
            lower.text(document.content_type, "content_type"),
            lower.json(document.fields, "fields"),
            lower.maybe_text(document.locale, "locale"),
            _status(document.draft),
        )
        for document in documents
    ]
    if creates:
        with asking():
            raw.create_with_id(creates, _rights(as_caller))


def update(
    content_type: str, document_id: str, fields: Mapping[str, Any], locale: str | None = None, draft: bool = False, version: int | None = None
) -> int:
    """Changes fields of a document and returns its version; what is not named stays. With `version` it must not have moved on since."""
    expected = None if version is None else lower.whole(version, "version")
    target = _target(content_type, document_id, locale)
    return _write(raw.WriteOp_Update(raw.Update(target, lower.json(fields, "fields"), _status(draft), expected))).version


def remove(content_type: str, document_id: str) -> None:
    """Deletes a document, with all its locales."""
    _write(raw.WriteOp_Delete(raw.Delete(_target(content_type, document_id, None), None)))


@contextmanager
def transaction() -> Iterator[None]:
    """All that is stored in its block, by whatever module, is there when it ends and nothing of it when it raises. Inside another one
    it is a part that can fail alone. The network and PDFs are out of reach meanwhile."""
    with asking():
        opened = raw.Transaction.begin()
    try:
        yield
    except BaseException:
        opened.__exit__(None, None, None)
        raise
    # Gone with this, however it ends.
    with asking():
        raw.Transaction.commit(opened)


def _query(
    content_type: str,
    filters: dict[str, Any] | None,
    sort: Sequence[str],
    fields: Sequence[str],
    populate: dict[str, Any] | None,
    locale: str | None,
    drafts: bool,
) -> raw.Query:
    return raw.Query(
        lower.text(content_type, "content_type"),
        lower.maybe_json(filters, "filters"),
        [lower.text(part, "sort") for part in sort],
        [lower.text(field, "fields") for field in fields],
        lower.maybe_json(populate, "populate"),
        lower.maybe_text(locale, "locale"),
        _status(drafts),
    )


def _status(draft: bool) -> types.Status:
    return types.Status.DRAFT if draft else types.Status.PUBLISHED


def _rights(as_caller: bool) -> types.Authority:
    return types.Authority.CALLER if as_caller else types.Authority.PLUGIN


def _target(content_type: str, document_id: str, locale: str | None) -> types.DocumentRef:
    return types.DocumentRef(
        lower.text(content_type, "content_type"), lower.text(document_id, "document_id"), lower.maybe_text(locale, "locale")
    )


def _read(op: raw.ReadOp, as_caller: bool) -> raw.Found:
    with asking():
        result = raw.read([op], _rights(as_caller))[0]
    if isinstance(result, Err):
        raise PluginError(result.value)
    return result.value


def _rows(op: raw.ReadOp, as_caller: bool) -> raw.Rows:
    found = _read(op, as_caller)
    if not isinstance(found, raw.Found_Rows):
        raise PluginError(types.Error_Internal("an answer of another kind than asked for"))
    return found.value


def _write(op: raw.WriteOp) -> raw.Written:
    with asking():
        return raw.write([op], types.Authority.PLUGIN)[0]
