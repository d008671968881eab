"""``evidence.jsonl``: what was measured about a model, one signed statement per line.

Line 1 carries the commitment key, line 2 is the model's OMS signature, then come findings, lineage,
environment and whatever else was measured. Each line is a Sigstore bundle in canonical JSON, signed
by the release's owner, about one subject: the model's root digest.

The listing, which everybody may read, shows only ``HMAC-SHA256(key, root digest)``. The key travels
here, so whoever may read the evidence can tie it to the listing, and nobody else can test guesses
about the model's files.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import b64decode, b64encode, parse_canonical
from workbench.errors import InputError, TrustError
from workbench.release import signing
from workbench.release.layout import MAX_EVIDENCE

__all__ = [
    "COMMITMENT_TYPE",
    "KEY_SIZE",
    "Evidence",
    "commitment",
    "commitment_statement",
    "compose",
    "read",
]

COMMITMENT_TYPE = "urn:sharing-workbench:commitment:v1"
KEY_SIZE = 32  # bytes; as long as the HMAC's output (RFC 2104 section 3)
MAX_LINES = 1000

_STEP = "evidence"
_HINT = "Do not rely on it; fetch the release again, and tell its owner if this happens again."


@dataclass(frozen=True)
class Evidence:
    """Verified evidence.

    Attributes:
        commitment_key: ties the evidence to the listing; see :func:`commitment`.
        model_bundle: the OMS signature, ready to be written beside the model as ``model.sig``.
        root: the hex root digest of the model that every statement is about.
        resources: the model's files as they were signed.
        statements: the in-toto statements from line 3 on, in order.
    """

    commitment_key: bytes = field(repr=False)
    model_bundle: str
    root: str
    resources: tuple[signing.Resource, ...]
    statements: tuple[dict[str, Any], ...]


def commitment(key: bytes, root_hex: str) -> str:
    """Return what a listing shows instead of the root digest: HMAC-SHA256 in hex (RFC 2104).

    Raises:
        InputError: a key of another length, or not a hex SHA-256.
    """
    if len(key) != KEY_SIZE:
        raise InputError(f"A commitment key is {KEY_SIZE} bytes long, not {len(key)}.")
    try:
        root = bytes.fromhex(root_hex)
    except ValueError as error:
        raise InputError("A root digest is a hex SHA-256.") from error
    if root.hex() != root_hex or len(root) != hashlib.sha256().digest_size:
        raise InputError("A root digest is a hex SHA-256.")
    return hmac.new(key, root, hashlib.sha256).hexdigest()


def commitment_statement(key: bytes, model_name: str, root_hex: str) -> bytes:
    """Return the payload of line 1, to be signed by the owner.

    Raises:
        InputError: as :func:`commitment`.
    """
    commitment(key, root_hex)
    return dsse.statement([(model_name, root_hex)], COMMITMENT_TYPE, {"key": b64encode(key)})


def compose(bundles: Sequence[str]) -> bytes:
    """Return the bytes of ``evidence.jsonl``: commitment, model signature, then the other bundles.

    Raises:
        InputError: fewer than two bundles, too many, or one that is not canonical JSON on one line.
    """
    if not 2 <= len(bundles) <= MAX_LINES:
        raise InputError(f"Evidence has 2 to {MAX_LINES} statements, not {len(bundles)}.")
    for bundle in bundles:
        parse_canonical(bundle.encode("utf-8"))
    data = "".join(f"{bundle}\n" for bundle in bundles).encode("utf-8")
    if len(data) > MAX_EVIDENCE:
        raise InputError(f"Evidence of {len(data)} bytes is over the limit of {MAX_EVIDENCE}.")
    return data


def read(data: bytes, owner_key: VerifyingKey) -> Evidence:
    """Verify every line and return what it says.

    Raises:
        TrustError: a line that is malformed, signed by somebody else or about another model (step
            ``"evidence"``), or a bad signature over the model itself (step ``"model signature"``).
    """
    lines = _lines(data)
    first = dsse.verify(lines[0], owner_key, predicate_type=COMMITMENT_TYPE, step=_STEP)
    key = _commitment_key(first.statement["predicate"])
    others = [dsse.verify(line, owner_key, step=_STEP).statement for line in lines[2:]]
    _check_canonical(lines[1])
    resources = signing.verify(lines[1], owner_key)
    root = signing.root_digest(resources)
    for statement in (first.statement, *others):
        subjects = statement["subject"]
        if len(subjects) != 1 or subjects[0]["digest"] != {"sha256": root}:
            raise _refused("a statement in it is about another model")
    return Evidence(key, lines[1], root, resources, tuple(others))


def _lines(data: bytes) -> list[str]:
    if len(data) > MAX_EVIDENCE:
        raise _refused("it is larger than evidence can be")
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise _refused("it is not text") from error
    if lines.pop() != "" or not 2 <= len(lines) <= MAX_LINES:
        raise _refused("its statements do not stand one on a line")
    return lines


def _check_canonical(line: str) -> None:
    """The model signature is read in any spelling elsewhere; here one line has one spelling."""
    try:
        parse_canonical(line.encode("utf-8"))
    except InputError as error:
        raise _refused("its signature over the model is not in its one spelling") from error


def _commitment_key(predicate: Any) -> bytes:
    if not isinstance(predicate, dict) or predicate.keys() != {"key"}:
        raise _refused("its first line does not tie it to a listing")
    try:
        key = b64decode(predicate["key"]) if isinstance(predicate["key"], str) else b""
    except InputError:
        raise _refused("its first line does not tie it to a listing") from None
    if len(key) != KEY_SIZE:
        raise _refused("its first line does not tie it to a listing")
    return key


def _refused(reason: str) -> TrustError:
    return TrustError(_STEP, f"what was measured cannot be believed: {reason}.", hint=_HINT)
