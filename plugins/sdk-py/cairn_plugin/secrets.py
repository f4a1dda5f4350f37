"""Keyed operations with secrets that the plugin can name but not read."""

from __future__ import annotations

from typing import Literal

from wit_world.imports import secrets as raw

from . import lower
from .errors import asking

Mac = Literal["hmac-sha1", "hmac-sha256", "hmac-sha512"]
_MACS: dict[Mac, raw.Mac] = {"hmac-sha1": raw.Mac.HMAC_SHA1, "hmac-sha256": raw.Mac.HMAC_SHA256, "hmac-sha512": raw.Mac.HMAC_SHA512}


def is_set(secret: str) -> bool:
    """Whether the operator has set it."""
    return raw.is_set(lower.text(secret, "secret"))


def sign(secret: str, algorithm: Mac, message: bytes) -> bytes:
    """The message authentication code of a message."""
    given = (lower.text(secret, "secret"), _mac(algorithm), lower.raw_bytes(message, "message"))
    with asking():
        return raw.sign(*given)


def verify(secret: str, algorithm: Mac, message: bytes, tag: bytes) -> bool:
    """Whether a code is that of the message; takes the same time either way."""
    given = (lower.text(secret, "secret"), _mac(algorithm), lower.raw_bytes(message, "message"), lower.raw_bytes(tag, "tag"))
    with asking():
        return raw.verify(*given)


def _mac(algorithm: Mac) -> raw.Mac:
    found = _MACS.get(algorithm)
    if found is None:
        raise ValueError(f"algorithm is one of {', '.join(_MACS)}, not {algorithm!r}")
    return found
