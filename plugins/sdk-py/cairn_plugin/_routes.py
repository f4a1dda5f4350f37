"""Routes, as the component exports them."""

from __future__ import annotations

from collections.abc import Mapping

from wit_world.exports import http_handler as raw
from wit_world.imports import types

from . import _host, lower
from ._guard import call_of, error, handler
from .outcomes import Reply, Request, RouteHandler


def handle(routes: Mapping[str, RouteHandler], call: types.Call, request: raw.Request) -> raw.Response:
    """One request."""
    _host.begin()
    try:
        body = request.body.value if isinstance(request.body, raw.Body_Bytes) else b""
        file = request.body.value if isinstance(request.body, raw.Body_File) else None
        given = Request(
            request.route,
            request.method,
            request.path,
            request.parameters,
            request.query,
            request.headers,
            body,
            request.client_address,
            file,
        )
        return _lowered(handler(routes, request.route, "routes")(given, call_of(call)))
    except BaseException as raised:
        raise error(raised) from None


def _lowered(reply: object) -> raw.Response:
    if not isinstance(reply, Reply):
        raise TypeError(f"a route returns a Reply, not {type(reply).__name__}")
    headers = [(lower.text(name, "headers"), lower.text(value, name)) for name, value in reply.headers.items()]
    body = bytes(reply.body)
    if reply.json is not None:
        body = lower.json(reply.json, "json").encode()
        headers.append(("content-type", "application/json"))
    sent = raw.Body_Bytes(body) if body else raw.Body_Empty()
    return raw.Response(lower.whole(reply.status, "status", 100, 599), headers, sent)
