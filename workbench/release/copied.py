"""What the granter signs about a marked copy: for which grant, of what, and which files carry it.

``copy.jsonl`` has two lines, each a signed statement of the granter's device: the act ``copy``
(:class:`Said`), then the list of the copy's files as OpenSSF Model Signing writes it, which stock
tools check. They are tied by the root digest of the files. No key and no mark is in it.

A copy has an image manifest of its own with the release's listing, this document where a release
has its evidence, and the files, all sealed for the one grant. The grant names its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from workbench.crypto.keys import VerifyingKey
from workbench.encoding import parse_canonical
from workbench.errors import InputError, TrustError
from workbench.forms import Digest, Model, PersonId, Prose, Word, explain
from workbench.release import acts, layout, signing

__all__ = ["KIND", "Copy", "MarkedPart", "Said", "check", "compose", "parts", "read"]

KIND = "copy"  # of the act
STEP = "copy"
_HINT = "Ask whoever approved your request to approve it again; do not use these files."

Count = Annotated[int, Field(ge=0)]


class MarkedPart(Model):
    """One file that carries a mark: how many weights moved, and how far.

    Attributes:
        strength: of the change to a weight, in standard deviations of its tensor.
        before, after: how good the model was without and with it, if that was measured.
    """

    name: Prose
    tensors: Count
    weights: Count
    strength: Annotated[float, Field(gt=0)]
    before: float | None = None
    after: float | None = None


class Said(Model):
    """What the granter says: this copy of this edition of a release was marked for this grant.

    ``root`` is the hex root digest of the copy's files (OMS section 6.5.1).
    """

    release: Word
    manifest: Digest
    grant: Word
    person: PersonId
    root: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    marked: Annotated[tuple[MarkedPart, ...], Field(min_length=1, max_length=signing.MAX_FILES)]

    def told(self) -> str:
        """Return what the recipient is told when opening the copy."""
        return f"Your copy carries a mark that names this grant: {self.grant}."


@dataclass(frozen=True)
class Copy:
    """A copy whose statements verified.

    Attributes:
        said: what it was made of, and for which grant.
        resources: its files, marked and unmarked.
        signature: the OMS signature over them, ready to be written beside the files.
        document: both statements, as ``copy.jsonl``.
        signer: the granter's key.
    """

    said: Said
    resources: tuple[signing.Resource, ...]
    signature: str
    document: bytes
    signer: VerifyingKey


def compose(act: str, signature: str) -> bytes:
    """Return the bytes of ``copy.jsonl``.

    Raises:
        InputError: a bundle that is not canonical JSON on one line.
    """
    for bundle in (act, signature):
        parse_canonical(bundle.encode("utf-8"), limit=layout.MAX_EVIDENCE)
    return f"{act}\n{signature}\n".encode()


def read(data: bytes, key: VerifyingKey) -> Copy:
    """Verify both lines and return what they say.

    Raises:
        TrustError: malformed, signed by another key than ``key``, or about two different copies
            (step ``"copy"``).
    """
    act, signature = _lines(data)
    body = acts.verify_act(act, key, KIND, step=STEP)
    try:
        said = Said.model_validate(body)
    except ValidationError as error:
        raise _refused(f"what was signed about it cannot be read: {explain(error)}.") from error
    try:
        resources = signing.verify(signature, key)
    except TrustError as error:
        raise _refused(f"its list of files cannot be believed ({error.message})") from error
    if signing.root_digest(resources) != said.root:
        raise _refused("its list of files is that of another copy.")
    return Copy(said, resources, signature, data, key)


def check(
    copy: Copy,
    originals: Sequence[signing.Resource],
    *,
    release: str,
    manifest: str,
    grant: str,
    person: str,
) -> None:
    """Check that a copy is of these files, for this grant; unmarked files are the owner's.

    Raises:
        TrustError: another release, edition, grant or person, another set of files, or a file that
            is not said to be marked and is not the owner's (step ``"copy"``).
    """
    said = copy.said
    if (said.release, said.manifest) != (release, manifest):
        raise _refused("it was made of another release or edition.")
    if (said.grant, said.person) != (grant, person):
        raise _refused("it was made for another grant.")
    own = {item.name: item.digest for item in originals}
    theirs = {item.name: item.digest for item in copy.resources}
    if own.keys() != theirs.keys():
        raise _refused("it has other files than the owner signed.")
    marked = {part.name for part in said.marked}
    if len(marked) != len(said.marked) or not marked <= own.keys():
        raise _refused("a file that is said to carry a mark is not there, or is named twice.")
    for name in sorted(own.keys() - marked):
        if own[name] != theirs[name]:
            raise _refused(f"{name[:200]!a} was changed, and nobody says that it carries a mark.")


def parts(data: bytes) -> layout.Manifest:
    """Return the manifest of a copy.

    Raises:
        TrustError: it is none (step ``"copy"``).
    """
    try:
        return layout.Manifest.from_bytes(data)
    except TrustError as error:
        raise _refused(f"its list of parts cannot be used ({error.message})") from error


def _lines(data: bytes) -> tuple[str, str]:
    try:
        lines = data.decode("utf-8").split("\n") if len(data) <= layout.MAX_EVIDENCE else []
        act, signature, rest = lines
        parse_canonical(signature.encode("utf-8"), limit=layout.MAX_EVIDENCE)
    except (ValueError, InputError) as error:  # also what is not text
        raise _refused("what was signed about it does not stand on two lines.") from error
    if rest:
        raise _refused("what was signed about it does not stand on two lines.")
    return act, signature


def _refused(message: str) -> TrustError:
    return TrustError(STEP, message, unchanged="Nothing was opened.", hint=_HINT)
