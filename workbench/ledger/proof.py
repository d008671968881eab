"""Receipts: a file that proves, offline, that one event is in a ledger (C2SP tlog-proof).

A leaf holds no event but a salted commitment to it (:func:`commitment`), so anybody may see the
whole ledger; showing an event means showing its salt as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.encoding import b64decode, b64encode
from workbench.errors import InputError, TrustError
from workbench.ledger.checkpoint import MAX_NOTE, Checkpoint, parse_number, verify
from workbench.ledger.merkle import MAX_SIZE, leaf_hash, verify_inclusion

__all__ = ["MAX_EXTRA", "SALT_SIZE", "TlogProof", "commitment", "parse", "write"]

SALT_SIZE = 32  # bytes; as many as the hash has, so a guessed event cannot be confirmed
MAX_EXTRA = 64 * 1024  # bytes of extra data; ours holds one ledger entry
_HEADER = "c2sp.org/tlog-proof@v1"
_MAX_HASHES = MAX_SIZE.bit_length()  # a deeper path fits no tree
_MAX_PROOF = MAX_NOTE + 2 * MAX_EXTRA  # base64 takes 4/3; the rest has room to spare
_HASH_SIZE = 32


@dataclass(frozen=True)
class TlogProof:
    """A parsed receipt; nothing in it can be believed before :meth:`verify`.

    ``extra`` is not covered by any signature even afterwards (tlog-proof, "Format").
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def verify(self, leaf_data: bytes, verifier: str) -> Checkpoint:
        """Return the signed checkpoint under which ``leaf_data`` is entry number ``index``.

        Raises:
            TrustError: the checkpoint is not signed by the key of ``verifier``, or the path does
                not lead from the leaf to its root (step ``"receipt"``).
            InputError: a malformed verifier.
        """
        try:
            checkpoint = verify(self.checkpoint, verifier)
            leaf = leaf_hash(leaf_data)
            verify_inclusion(leaf, self.index, checkpoint.size, self.hashes, checkpoint.root)
        except TrustError as error:
            raise TrustError("receipt", error.message) from error
        return checkpoint


def commitment(salt: bytes, event: bytes) -> bytes:
    """Return the leaf data that commits to an event: SHA-256 of the salt and the event's bytes.

    Raises:
        InputError: the salt is not 32 bytes, so salt and event would have no clear border.
    """
    if len(salt) != SALT_SIZE:
        raise InputError(f"A salt is {SALT_SIZE} bytes long, not {len(salt)}.")
    return hashlib.sha256(salt + event).digest()


def write(
    index: int, proof: Sequence[bytes], checkpoint_note: bytes, extra: bytes | None = None
) -> bytes:
    """Return the bytes of a ``.tlog-proof`` file (tlog-proof, "Format").

    Raises:
        InputError: values that the format cannot hold.
    """
    lines = [_HEADER]
    if extra is not None:
        if not 0 < len(extra) <= MAX_EXTRA:
            raise InputError(f"Extra data is 1 to {MAX_EXTRA} bytes, not {len(extra)}.")
        lines.append(f"extra {b64encode(extra)}")
    if not 0 <= index <= MAX_SIZE:
        raise InputError(f"No ledger has an entry {index}.")
    if len(proof) > _MAX_HASHES or any(len(value) != _HASH_SIZE for value in proof):
        raise InputError(f"A path is at most {_MAX_HASHES} hashes of {_HASH_SIZE} bytes.")
    if not 0 < len(checkpoint_note) <= MAX_NOTE:
        raise InputError(f"A checkpoint is 1 to {MAX_NOTE} bytes, not {len(checkpoint_note)}.")
    lines += [f"index {index}", *(b64encode(value) for value in proof), "", ""]
    return "\n".join(lines).encode("ascii") + checkpoint_note


def parse(data: bytes) -> TlogProof:
    """Parse a ``.tlog-proof`` file; whatever is accepted, :func:`write` prints back byte for byte.

    Raises:
        TrustError: too long, or not in the one spelling of the format (step ``"receipt"``).
    """
    if len(data) > _MAX_PROOF:
        raise _refuse(f"it is longer than {_MAX_PROOF} bytes.")
    head, blank, checkpoint = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise _refuse("its head is not ASCII.") from error
    if not blank or not 0 < len(checkpoint) <= MAX_NOTE:
        raise _refuse("it has no checkpoint after an empty line, or too long a one.")
    if lines.pop(0) != _HEADER:
        raise _refuse(f"it does not begin with {_HEADER}.")
    extra = _parse_extra(lines)
    index = _parse_index(lines)
    if len(lines) > _MAX_HASHES:
        raise _refuse(f"it has more than {_MAX_HASHES} hashes.")
    return TlogProof(index, tuple(_parse_hash(line) for line in lines), checkpoint, extra)


def _parse_extra(lines: list[str]) -> bytes | None:
    """Take the optional extra line off the front of ``lines``."""
    if not lines or not lines[0].startswith("extra "):
        return None
    try:
        extra = b64decode(lines.pop(0).removeprefix("extra "))
    except InputError as error:
        raise _refuse("its extra data is not canonical base64.") from error
    if not 0 < len(extra) <= MAX_EXTRA:
        raise _refuse(f"its extra data is not 1 to {MAX_EXTRA} bytes.")
    return extra


def _parse_index(lines: list[str]) -> int:
    """Take the index line off the front of ``lines``."""
    if not lines or not lines[0].startswith("index "):
        raise _refuse("it has no index where one belongs.")
    try:
        return parse_number(lines.pop(0).removeprefix("index "))
    except InputError as error:
        raise _refuse("its index is not a plain decimal number.") from error


def _parse_hash(line: str) -> bytes:
    try:
        value = b64decode(line)
    except InputError as error:
        raise _refuse("a hash is not canonical base64.") from error
    if len(value) != _HASH_SIZE:
        raise _refuse(f"a hash is not {_HASH_SIZE} bytes long.")
    return value


def _refuse(message: str) -> TrustError:
    return TrustError("receipt", message)
