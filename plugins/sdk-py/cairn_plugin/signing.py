"""Signatures with private keys of the operator's, by the names of `[[signing-key]]`. Not in an open transaction."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from wit_world.imports import signing as raw

from . import lower
from .errors import PluginError, asking


@dataclass(frozen=True)
class Signature:
    """A signature, with the id of the key that made it. `es256`: `r` and `s`, 64 bytes. `rs256`: RSA PKCS #1 v1.5."""

    algorithm: str
    kid: str
    value: bytes


def sign(key: str, data: bytes) -> Signature:
    """The signature of up to 1 MiB. `not-found` until an administrator has made or imported the key, `denied` where it is not granted."""
    given = (lower.text(key, "key"), lower.raw_bytes(data, "data"))
    with asking():
        made = raw.sign(*given)
    return Signature("es256" if made.algorithm == raw.Algorithm.ES256 else "rs256", made.kid, made.bytes)


def public_jwk(key: str) -> dict[str, Any]:
    """The public half of the key that signs now, as a JSON Web Key with `kid`."""
    name = lower.text(key, "key")
    with asking():
        said = raw.public_jwk(name)
    found: dict[str, Any] = lower.parsed(said, "key")
    return found


def public_jwk_set(key: str) -> dict[str, Any]:
    """The public halves of the key that signs now and of those before it, as a JSON Web Key Set: what a route answers to whoever
    verifies."""
    name = lower.text(key, "key")
    with asking():
        said = raw.public_jwk_set(name)
    found: dict[str, Any] = lower.parsed(said, "key")
    return found


def sign_jwt(key: str, claims: dict[str, Any]) -> str:
    """A signed JSON Web Token with these claims."""
    payload = base64url(lower.json(claims, "claims").encode())
    # Another key may take the place of this one before it has signed.
    for _ in range(2):
        jwk = public_jwk(key)
        header = lower.json({"alg": jwk["alg"], "kid": jwk["kid"], "typ": "JWT"}, "header").encode()
        signed = f"{base64url(header)}.{payload}"
        signature = sign(key, signed.encode())
        if signature.kid == jwk["kid"]:
            return f"{signed}.{base64url(signature.value)}"
    raise PluginError.unavailable()


def base64url(data: bytes) -> str:
    """Base64 for URLs, without padding, as JSON Web Signatures have it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
