"""Checkpoints: the signed size and root of a ledger (C2SP tlog-checkpoint, a C2SP signed-note).

A note is text, an empty line, and signature lines. Every byte counts: what :func:`verify` accepts
is exactly what :func:`sign` or another log that follows the specification prints. Signatures are
Ed25519 (signed-note type 0x01); those by unknown keys, such as witnesses, are skipped as the
specification asks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from workbench.crypto.primitives import ed25519_verify
from workbench.encoding import b64decode, b64encode
from workbench.errors import InputError, TrustError
from workbench.ledger.merkle import EMPTY, MAX_SIZE

__all__ = [
    "MAX_NOTE",
    "Checkpoint",
    "CheckpointSigner",
    "key_id",
    "parse_number",
    "parse_verifier",
    "sign",
    "verifier_key",
    "verify",
]

MAX_NOTE = 128 * 1024  # bytes; room for the 16 signatures of up to 5 kB that signed-note asks for
_MAX_SIGNATURES = 16
_ED25519 = b"\x01"  # signed-note: the signature type, part of the key and of its id
_KEY_SIZE = 32
_BODY_LINES = 3  # origin, size, root; more are extensions
_DASH = "\N{EM DASH} "
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_HEX_ID = re.compile(r"[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True)
class Checkpoint:
    """How far a ledger had grown and what its root was.

    Raises:
        InputError: values no checkpoint can hold.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(_is_line(line) for line in (self.origin, *self.extensions)):
            raise InputError("A checkpoint's origin and extensions are non-empty printable lines.")
        if not 0 <= self.size <= MAX_SIZE:
            raise InputError(f"No ledger has {self.size} entries.")
        if len(self.root) != len(EMPTY):
            raise InputError(f"A root hash is {len(EMPTY)} bytes long, not {len(self.root)}.")
        if self.size == 0 and self.root != EMPTY:
            raise InputError("This is not the root of an empty ledger.")

    def body(self) -> bytes:
        """Return the note text that is signed (tlog-checkpoint, "Note text")."""
        lines = (self.origin, str(self.size), b64encode(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode("utf-8")


class CheckpointSigner:
    """Signs a ledger's checkpoints; what ``workbench.stores.contracts.Log`` asks for.

    ``sign_raw`` makes raw Ed25519 signatures with the private half of ``verifier``, wherever that
    half lives. The key's name must be the origin, so that one key speaks for one ledger.

    Raises:
        InputError: a malformed verifier, or one of another name.
    """

    def __init__(self, origin: str, verifier: str, sign_raw: Callable[[bytes], bytes]) -> None:
        if parse_verifier(verifier)[0] != origin:
            raise InputError(f"The ledger {origin!r} needs a key of the same name.")
        self.origin = origin
        self.verifier = verifier
        self._sign_raw = sign_raw

    def sign(self, size: int, root: bytes) -> bytes:
        """Return the signed checkpoint of a tree of ``size`` leaves under ``root``.

        Raises:
            InputError: values no checkpoint can hold.
            Unavailable: whatever the keystore behind ``sign_raw`` raises.
        """
        return sign(Checkpoint(self.origin, size, root), self._sign_raw, self.verifier)


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that tell keys of one name apart (signed-note, "Signatures")."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + _ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """Return the text form of a public key: name, ``+``, key id in hex, ``+``, base64.

    Raises:
        InputError: a name that a signature line cannot hold, or a key that is not 32 bytes.
    """
    if not _is_name(name):
        raise InputError("A ledger key's name has no spaces, no plus sign and is not empty.")
    if len(public) != _KEY_SIZE:
        raise InputError(f"An Ed25519 public key is {_KEY_SIZE} bytes long, not {len(public)}.")
    return f"{name}+{key_id(name, public).hex()}+{b64encode(_ED25519 + public)}"


def parse_verifier(verifier: str) -> tuple[str, bytes, bytes]:
    """Return (name, key id, public key) of what :func:`verifier_key` printed.

    Raises:
        InputError: any other spelling, another key type, or an id that is not the key's.
    """
    name, _, rest = verifier.partition("+")
    identity, _, encoded = rest.partition("+")
    if not _is_name(name) or not _HEX_ID.fullmatch(identity):
        raise InputError("Not a ledger's verifier key (name+id+base64).")
    key = b64decode(encoded)
    public = key[1:]
    if key[:1] != _ED25519 or len(public) != _KEY_SIZE:
        raise InputError("Not an Ed25519 verifier key.")
    if key_id(name, public).hex() != identity:
        raise InputError("The verifier key's id is not that of its name and key.")
    return name, bytes.fromhex(identity), public


def parse_number(text: str) -> int:
    """Return a number in its one decimal spelling, at most ``MAX_SIZE``.

    Raises:
        InputError: signs, leading zeroes, other digits, or too large.
    """
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SIZE:
        raise InputError(f"Not a plain decimal number: {text[:40]!r}.")
    return int(text)


def sign(checkpoint: Checkpoint, sign_raw: Callable[[bytes], bytes], verifier: str) -> bytes:
    """Return the signed note of ``checkpoint``, with one signature by the key of ``verifier``.

    Raises:
        InputError: a malformed verifier.
        Unavailable: whatever the keystore behind ``sign_raw`` raises.
    """
    name, identity, _ = parse_verifier(verifier)
    body = checkpoint.body()
    line = f"\n{_DASH}{name} {b64encode(identity + sign_raw(body))}\n"
    return body + line.encode("utf-8")


def verify(note: bytes, verifier: str) -> Checkpoint:
    """Return the checkpoint that ``note`` holds, once the key of ``verifier`` has vouched for it.

    Raises:
        TrustError: not a note, not signed by that key, or not a checkpoint of the ledger the key
            is named after (step ``"checkpoint"``).
        InputError: a malformed verifier, which is ours and not the note's fault.
    """
    name, identity, public = parse_verifier(verifier)
    text, signatures = _split_note(note)
    ours = [value for who, value in signatures if who == name and value[:4] == identity]
    if not ours:
        raise _refuse(f"it is not signed by the key of {name}.")
    if len(ours) > 1:
        raise _refuse(f"it is signed twice by the key of {name}.")
    try:
        ed25519_verify(public, text.encode("utf-8"), ours[0][4:])
    except TrustError as error:
        raise _refuse(f"the signature by the key of {name} does not fit.") from error
    checkpoint = _parse_body(text)
    if checkpoint.origin != name:
        raise _refuse(f"it speaks for another ledger than {name}.")
    return checkpoint


def _split_note(note: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """Return a note's text and its (key name, key id and signature) pairs, none of them checked."""
    if len(note) > MAX_NOTE:
        raise _refuse(f"it is longer than {MAX_NOTE} bytes.")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refuse("it is not UTF-8.") from error
    if any(char < " " and char != "\n" for char in whole):
        raise _refuse("it holds control characters.")
    text, blank, tail = whole.rpartition("\n\n")
    if not blank or not text or not tail.endswith("\n"):
        raise _refuse("it is not text, an empty line and signature lines.")
    lines = tail[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise _refuse(f"it has more than {_MAX_SIGNATURES} signatures.")
    return text + "\n", [_parse_signature(line) for line in lines]


def _parse_signature(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _is_name(name):
        raise _refuse("a signature line is not a dash, a key name and base64.")
    try:
        value = b64decode(encoded)
    except InputError as error:
        raise _refuse("a signature is not canonical base64.") from error
    if len(value) <= len(key_id("", b"")):
        raise _refuse("a signature is too short.")
    return name, value


def _parse_body(text: str) -> Checkpoint:
    lines = text[:-1].split("\n")
    if len(lines) < _BODY_LINES:
        raise _refuse("its text is not an origin, a size and a root hash.")
    try:
        return Checkpoint(lines[0], parse_number(lines[1]), b64decode(lines[2]), tuple(lines[3:]))
    except InputError as error:
        raise _refuse(f"its text is malformed: {error.message}") from error


def _is_line(text: str) -> bool:
    """A non-empty line that a note may hold: no control characters, and expressible in UTF-8."""
    return bool(text) and not any(char < " " or "\ud800" <= char <= "\udfff" for char in text)


def _is_name(name: str) -> bool:
    """A key name as signed-note defines it: no Unicode spaces and no plus sign."""
    return _is_line(name) and "+" not in name and not any(char.isspace() for char in name)


def _refuse(message: str) -> TrustError:
    return TrustError("checkpoint", message)
