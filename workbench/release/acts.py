"""What a person signs when acting: requesting, voting, granting, revoking, retiring, enrolling.

An *act* is an in-toto statement whose predicate says what was done, as plain JSON that can be read
without this program. Its first subject is the digest of that JSON, named by the kind of act;
further subjects may name what was acted upon.

The acts over a record of the exchange hold the record's own fields (:func:`signed_body`), less what
changes later without the person: who signs and who verifies derive them from the same place.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.crypto import dsse
from workbench.crypto.keys import VerifyingKey
from workbench.encoding import canonical
from workbench.errors import InputError, TrustError
from workbench.records import Grant, Request, Vote

__all__ = ["PREDICATE_TYPE", "act", "signed_body", "verify_act", "verify_record"]

PREDICATE_TYPE = "urn:sharing-workbench:act:v1"

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
# Set by the exchange after the person signed, so no signature of that person can cover them.
_UNSIGNED: Mapping[type[Request | Vote | Grant], frozenset[str]] = {
    Request: frozenset({"statement", "state", "turn", "updated"}),
    Vote: frozenset({"statement"}),
    Grant: frozenset({"statement", "state"}),
}


def act(kind: str, subjects: Sequence[tuple[str, str]], body: Mapping[str, Any]) -> bytes:
    """Return the payload to sign for doing ``kind``, with ``body`` saying what exactly.

    ``subjects`` are further things acted upon, as (name, hex SHA-256); often none.

    Raises:
        InputError: a kind that is not a plain word, or a body without a canonical JSON form.
    """
    if not _KIND.match(kind):
        raise InputError(f"An act is named by one plain word, not {kind[:80]!r}.")
    return dsse.statement(
        [(kind, _body_digest(body)), *subjects],
        PREDICATE_TYPE,
        {"kind": kind, "body": dict(body)},
    )


def verify_act(
    bundle_text: str, key: VerifyingKey, kind: str, *, step: str = "act"
) -> dict[str, Any]:
    """Return what the holder of ``key`` signed when doing ``kind``.

    Raises:
        TrustError: another signer, another act, or a body that is not the one of its subject (at
            the step named by ``step``).
    """
    verified = dsse.verify(bundle_text, key, predicate_type=PREDICATE_TYPE, step=step)
    predicate, subjects = verified.statement["predicate"], verified.statement["subject"]
    if not isinstance(predicate, dict) or predicate.keys() != {"kind", "body"}:
        raise _refused(step, "the signed statement does not say what was done")
    body = predicate["body"]
    if predicate["kind"] != kind or not isinstance(body, dict):
        raise _refused(step, f"what was signed is not to {kind.replace('_', ' ')} something")
    first = {"name": kind, "digest": {"sha256": _body_digest(body)}}
    if not subjects or subjects[0] != first:
        raise _refused(step, "the signed statement is about something else than it says")
    return body


def verify_record(record: Request | Vote | Grant, key: VerifyingKey, *, step: str = "act") -> None:
    """Check that the holder of ``key`` signed this record: each field of :func:`signed_body`.

    Raises:
        TrustError: as :func:`verify_act`, or a field is not as it was signed; it is named.
    """
    signed = verify_act(record.statement, key, record.kind, step=step)
    claimed = signed_body(record)
    if signed != claimed:
        different = sorted(
            name for name in signed.keys() | claimed.keys() if signed.get(name) != claimed.get(name)
        )
        fields = ", ".join(name.replace("_", " ") for name in different if name in claimed)
        raise _refused(
            step, f"the {record.kind} is not as it was signed ({fields or 'its fields'})"
        )


def signed_body(record: Request | Vote | Grant) -> dict[str, Any]:
    """Return the part of a record that its statement signs, as plain JSON values."""
    return record.model_dump(mode="json", exclude=set(_UNSIGNED[type(record)]))


def _body_digest(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(dict(body))).hexdigest()


def _refused(step: str, reason: str) -> TrustError:
    return TrustError(
        step,
        f"{reason}.",
        hint="Do not rely on it; ask the person named in it, and tell whoever runs the exchange.",
    )
