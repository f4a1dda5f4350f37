"""Requests to the addresses granted. Not in event handlers, nor in an open transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from componentize_py_types import Err
from wit_world.imports import http_client as raw

from . import lower
from .errors import PluginError, asking


@dataclass(frozen=True)
class SecretHeader:
    """A header whose value is a secret of the operator's, which the plugin never sees: `prefix` comes before it."""

    name: str
    secret: str
    prefix: str = ""


@dataclass(frozen=True)
class Response:
    """An answer, whatever its status."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name, in whatever case it came."""
        return next((value for given, value in self.headers if given.lower() == name.lower()), None)

    def json(self) -> Any:
        """The body read as JSON; a `PluginError` of the kind `invalid` where it is none."""
        return lower.parsed(self.body, "body")


def secret_address(secret: str) -> str:
    """The address that is the value of a secret of the operator's, such as that of an incoming webhook, in place of a URL. The plugin never
    sees it; nothing can be added to it. A grant has to name it in `to`, as this returns it."""
    return f"secret:{lower.text(secret, 'secret')}"


def send(
    method: str,
    url: str,
    headers: dict[str, str] | None = None,
    secret_headers: tuple[SecretHeader, ...] = (),
    body: bytes | None = None,
    json: Any = None,
    timeout: timedelta | None = None,
) -> Response:
    """Sends a request and waits for the answer. `denied` for an address that is not granted, `unavailable` where nobody answers in
    time. `json` is a body in JSON, with its media type."""
    given = [(lower.text(name, "headers"), lower.text(value, name)) for name, value in (headers or {}).items()]
    if json is not None:
        body = lower.json(json, "json").encode()
        given.append(("content-type", "application/json"))
    secrets = [
        raw.SecretHeader(lower.text(one.name, "secret_headers"), lower.text(one.prefix, one.name), lower.text(one.secret, one.name))
        for one in secret_headers
    ]
    sent = raw.Body_Empty() if body is None else raw.Body_Bytes(bytes(body))
    request = raw.Request(
        lower.text(method, "method"), lower.text(url, "url"), given, secrets, sent, lower.maybe_millis(timeout, "timeout"), 0, False
    )
    with asking():
        result = raw.send([request])[0]
    if isinstance(result, Err):
        raise PluginError(result.value)
    answer = result.value
    return Response(answer.status, answer.headers, answer.body.value if isinstance(answer.body, raw.Body_Bytes) else b"")
