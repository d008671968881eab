"""What an envelope says once its device has opened it: the release keys and what they are for.

It is an age identity file, so ``age -d -i`` can use it as it is. The comment lines bind the keys to
one release, grant and device; they sit inside the seal, where only whoever sealed it can write. An
envelope copied under another record is refused here even though it opens::

    # release: org/name:1.0
    # manifest: sha256:…
    # grant: …                       a dash for the owner and the custodians
    # device: …
    # weights
    AGE-SECRET-KEY-…
    # evidence
    AGE-SECRET-KEY-…
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.crypto.age import Identity, parse_identity
from workbench.errors import InputError, TrustError

__all__ = ["MAX_ENVELOPE", "ReleaseKeys", "compose", "read"]

MAX_ENVELOPE = 8 * 1024  # bytes; two hybrid identities and four short lines stay below 1 KiB

_STEP = "envelope"
_NOBODY = "-"
_LINE = re.compile(r"[!-~]{1,300}\Z")  # printable ASCII without spaces
_ASK = "Ask whoever approved your request to approve it again for this device."


@dataclass(frozen=True)
class ReleaseKeys:
    """The two identities of a release: one opens the model's files, the other the evidence."""

    weights: Identity = field(repr=False)
    evidence: Identity = field(repr=False)


def compose(
    keys: ReleaseKeys, *, release_ref: str, manifest: str, grant: str | None, device: str
) -> bytes:
    """Return the text to seal to ``device``.

    ``grant`` is the identifier of the grant that the envelope makes real, ``None`` for the owner
    and the custodians.

    Raises:
        InputError: a value that does not fit on its line.
    """
    lines = [
        *_bindings(release_ref, manifest, grant, device),
        "# weights",
        str(keys.weights),
        "# evidence",
        str(keys.evidence),
    ]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def read(
    text: bytes, *, release_ref: str, manifest: str, grant: str | None, device: str
) -> ReleaseKeys:
    """Return the release keys, once every line says what is expected.

    Raises:
        TrustError: another release, manifest, grant or device, or another form
            (step ``"envelope"``).
        InputError: an expected value that no envelope can hold.
    """
    expected = _bindings(release_ref, manifest, grant, device)
    lines = _lines(text)
    for line, wanted in zip(lines[: len(expected)], expected, strict=True):
        if line != wanted:
            raise _mismatch(line, wanted)
    first, weights, second, evidence = lines[len(expected) :]
    if (first, second) != ("# weights", "# evidence"):
        raise _malformed()
    return ReleaseKeys(_identity(weights), _identity(evidence))


def _bindings(release_ref: str, manifest: str, grant: str | None, device: str) -> list[str]:
    if grant == _NOBODY:
        raise InputError("A grant cannot be called by a dash: that stands for no grant.")
    values = {
        "release": release_ref,
        "manifest": manifest,
        "grant": _NOBODY if grant is None else grant,
        "device": device,
    }
    for name, value in values.items():
        if not _LINE.match(value):
            raise InputError(f"An envelope cannot name this {name}: it is one line without spaces.")
    return [f"# {name}: {value}" for name, value in values.items()]


def _lines(text: bytes) -> list[str]:
    """Split the eight lines; what is in them stays out of every message."""
    if len(text) > MAX_ENVELOPE:
        raise _malformed()
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _malformed() from None  # the cause would quote the keys
    if len(lines) != 9 or lines.pop() != "":
        raise _malformed()
    return lines


def _identity(line: str) -> Identity:
    try:
        identity = parse_identity(line)
    except (InputError, TrustError):
        raise _malformed() from None  # the cause may quote the key
    if str(identity) != line:
        raise _malformed()
    return identity


def _malformed() -> TrustError:
    return TrustError(_STEP, "it opens, but does not hold the keys of a release.", hint=_ASK)


def _mismatch(line: str, wanted: str) -> TrustError:
    name = wanted.removeprefix("# ").partition(":")[0]
    if not line.startswith(f"# {name}: "):
        return _malformed()
    meaning = {
        "release": "it holds the keys of another release.",
        "manifest": "it holds the keys of another edition of this release.",
        "grant": "it was sealed for another grant.",
        "device": "it was sealed for another device.",
    }
    return TrustError(_STEP, meaning[name], hint=_ASK)
