"""Signed statements: in-toto Statement v1 in DSSE in a Sigstore bundle v0.3 with a bare key.

The same shape that OpenSSF Model Signing writes, so ``model_signing`` and Sigstore tools read it.
What we write is canonical JSON and is only accepted back in that one spelling; bundles that other
tools wrote (``canonical=False``) may be spelt freely but are checked as strictly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64decode, b64encode, canonical, parse, parse_canonical
from workbench.errors import InputError, TrustError

__all__ = ["PAYLOAD_TYPE", "Verified", "bundle", "hint", "pae", "peek", "statement", "verify"]

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
MAX_BUNDLE = 48 * 1024 * 1024  # a model of 100,000 files, each named by up to 300 bytes

_HINT = "Do not rely on it; get it again from its owner."


@dataclass(frozen=True)
class Verified:
    """A statement whose signature holds."""

    payload: bytes
    statement: dict[str, Any]
    fingerprint: str


@dataclass(frozen=True)
class _Opened:
    hint: str
    payload: bytes
    signature: bytes


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what DSSE signs: the pre-authentication encoding (DSSE protocol v1)."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def statement(
    subjects: Sequence[tuple[str, str]], predicate_type: str, predicate: dict[str, Any]
) -> bytes:
    """Return the canonical bytes of an in-toto statement about (name, hex SHA-256) subjects.

    Raises:
        InputError: the predicate has no canonical JSON form.
    """
    return canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": name, "digest": {"sha256": value}} for name, value in subjects],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def bundle(payload: bytes, sign: Callable[[bytes], bytes], signing_key_pem: str) -> str:
    """Return the signed payload as a Sigstore bundle (JSON text)."""
    key = VerifyingKey.from_pem(signing_key_pem)
    signature = sign(pae(PAYLOAD_TYPE, payload))
    return canonical(
        {
            "mediaType": BUNDLE_TYPE,
            "verificationMaterial": {
                "publicKey": {"hint": key.fingerprint},
                "tlogEntries": [],
            },
            "dsseEnvelope": {
                "payload": b64encode(payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"sig": b64encode(signature), "keyid": ""}],
            },
        }
    ).decode("utf-8")


def verify(
    bundle_text: str,
    key: VerifyingKey,
    *,
    predicate_type: str | None = None,
    step: str,
    canonical: bool = True,
) -> Verified:
    """Return the statement that the holder of ``key`` signed.

    Raises:
        TrustError: malformed, another key, a bad signature, or another kind of statement (at the
            step named by ``step``).
    """
    opened = _open(bundle_text, step, canonical)
    if opened.hint != key.fingerprint:
        raise TrustError(step, "it is signed with another key.", hint=_HINT)
    try:
        key.verify(pae(PAYLOAD_TYPE, opened.payload), opened.signature)
    except TrustError:
        raise TrustError(
            step, "the signature does not match: something was altered.", hint=_HINT
        ) from None
    value = _statement(opened.payload, step, canonical)
    if predicate_type is not None and value["predicateType"] != predicate_type:
        raise TrustError(step, "it is a statement of another kind.", hint=_HINT)
    return Verified(opened.payload, value, key.fingerprint)


def hint(bundle_text: str, *, canonical: bool = True) -> str:
    """Return the fingerprint of the key that a bundle claims to be signed with; proves nothing.

    Raises:
        InputError: not a bundle.
    """
    try:
        return _open(bundle_text, "signature", canonical).hint
    except TrustError as error:
        raise InputError(error.message) from error


def peek(bundle_text: str) -> dict[str, Any]:
    """Return the statement in a bundle *without verifying it*: only to find whose key to ask for.

    Raises:
        TrustError: not a bundle of ours (step ``"signature"``).
    """
    opened = _open(bundle_text, "signature", True)
    return _statement(opened.payload, "signature", True)


def _open(text: str, step: str, strict: bool) -> _Opened:
    try:
        data = text.encode("utf-8")
        value = (parse_canonical if strict else parse)(data, limit=MAX_BUNDLE)
        material, envelope = value["verificationMaterial"], value["dsseEnvelope"]
        if value["mediaType"] != BUNDLE_TYPE or value.keys() != {
            "mediaType",
            "verificationMaterial",
            "dsseEnvelope",
        }:
            raise InputError("Not a Sigstore bundle v0.3.")
        if material.keys() - {"tlogEntries", "timestampVerificationData"} != {"publicKey"}:
            raise InputError("The bundle holds no bare key.")
        if material.get("tlogEntries", []) != [] or envelope["payloadType"] != PAYLOAD_TYPE:
            raise InputError("The bundle does not hold an in-toto statement.")
        (signature,) = envelope["signatures"]
        if envelope.keys() != {"payload", "payloadType", "signatures"}:
            raise InputError("The bundle's envelope has unknown parts.")
        if signature.keys() - {"keyid"} != {"sig"} or signature.get("keyid"):
            raise InputError("The bundle's signature has unknown parts.")
        named = material["publicKey"]["hint"]
        if not isinstance(named, str) or material["publicKey"].keys() != {"hint"}:
            raise InputError("The bundle does not say whose key signed it.")
        return _Opened(named, b64decode(envelope["payload"]), b64decode(signature["sig"]))
    except (InputError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise TrustError(step, "it is not a signed statement.", hint=_HINT) from error


def _statement(payload: bytes, step: str, strict: bool) -> dict[str, Any]:
    try:
        value = (parse_canonical if strict else parse)(payload, limit=MAX_BUNDLE)
        if value["_type"] != STATEMENT_TYPE or value.keys() != {
            "_type",
            "subject",
            "predicateType",
            "predicate",
        }:
            raise InputError("Not an in-toto Statement v1.")
        for subject in value["subject"]:
            if not isinstance(subject["name"], str) or not isinstance(subject["digest"], dict):
                raise InputError("A subject needs a name and a digest.")
        if not value["subject"] or not isinstance(value["predicateType"], str):
            raise InputError("A statement is about something.")
    except (InputError, KeyError, TypeError, AttributeError) as error:
        raise TrustError(step, "the signed content is not a statement.", hint=_HINT) from error
    return dict(value)
