"""Admin views, as the component exports them."""

from __future__ import annotations

from collections.abc import Mapping

from wit_world.exports import admin as raw
from wit_world.imports import types

from . import _host, lower
from ._guard import call_of, error, handler
from .errors import PluginError
from .views import ActionRequest, ActionResult, Document, View, ViewRequest


def view(views: Mapping[str, View], call: types.Call, request: raw.ViewRequest) -> str:
    """What a view shows."""
    _host.begin()
    try:
        given = ViewRequest(request.view, _document(request.document), dict(request.parameters))
        shown = _of(views, request.view).show(given, call_of(call))
        if not isinstance(shown, dict):
            raise TypeError(f'views["{request.view}"] returns a dict, not {type(shown).__name__}')
        return lower.json(shown, "view")
    except BaseException as raised:
        raise error(raised) from None


def act(views: Mapping[str, View], call: types.Call, request: raw.ActionRequest) -> raw.ActionResult:
    """What comes of a button."""
    _host.begin()
    try:
        one = _of(views, request.view)
        if one.act is None:
            raise PluginError.not_found(request.action)
        values = lower.parsed(request.values, "values")
        return _lowered(one.act(ActionRequest(request.view, request.action, _document(request.document), values), call_of(call)))
    except BaseException as raised:
        raise error(raised) from None


def _of(views: Mapping[str, View], name: str) -> View:
    found: object = handler(views, name, "views")
    if not isinstance(found, View):
        raise TypeError(f'views["{name}"] has to be a View(show, act), not {type(found).__name__}')
    return found


def _document(document: types.DocumentRef | None) -> Document | None:
    return None if document is None else Document(document.content_type, document.document_id, document.locale)


def _lowered(result: object) -> raw.ActionResult:
    match result:
        case None:
            return raw.ActionResult(None, None, None)
        case ActionResult(view, notice, navigate):
            return raw.ActionResult(lower.maybe_json(view, "view"), lower.maybe_text(notice, "notice"), lower.maybe_text(navigate, "navigate"))
        case _:
            raise TypeError(f"an action returns an ActionResult or None, not {type(result).__name__}")
