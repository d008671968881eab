"""A copy is marked for one person before it is sealed, and a found file is traced to a person.

Done by an owner who packs a file, and by a reviewer who approves a request with a mark.

Needs NumPy, which nothing else here does: it is loaded by whoever marks or traces.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, Final

from workbench.errors import InputError, NotFound
from workbench.findings.mark import Traced, Verdict
from workbench.marking.embedding import FEWEST, check_quality, mark
from workbench.marking.finding import trace
from workbench.marking.tensors import layout
from workbench.release import signing
from workbench.scanning.safetensors import is_safetensors
from workbench.services import content, markable
from workbench.services.context import Actor, Context, Progress
from workbench.services.marks import (
    Aside,
    MarkedCopy,
    MarkedFile,
    Shelf,
    copies,
    fingerprint,
    own_key,
)
from workbench.services.sealing import ModelFile

__all__ = ["Answer", "Copy", "copy_for", "note", "verdict", "whose"]

HEAD: Final = 4096  # bytes; enough to know a kind of file
PIECE: Final = 1 << 22  # bytes that are read together


@dataclass(frozen=True)
class Copy:
    """A marked copy that is yet to be sealed: all its files, and what was done to some."""

    id: str
    files: tuple[ModelFile, ...]
    root: str
    key: str
    marked: tuple[MarkedFile, ...]


@dataclass(frozen=True)
class Answer:
    """Whose copy a found file is.

    Attributes:
        named: the notes about the copies that were named.
        unmarked: the file is the original itself, byte for byte.
    """

    file: str
    original: str
    traced: Traced
    named: tuple[MarkedCopy, ...]
    unmarked: bool


def copy_for(
    context: Context,
    actor: Actor,
    files: Sequence[ModelFile],
    aside: Aside,
    shelf: Shelf,
    progress: Progress,
    *,
    grant: str | None = None,
    evaluate: Callable[[Mapping[str, BinaryIO]], float] | None = None,
) -> Copy:
    """Mark a model's weights for one copy, into ``aside``; other files stay what they are.

    Files of fewer than 1000 numbers are left as they are where there are larger ones. The copy is
    known by the id of the grant it is for, or by one of its own. ``evaluate`` gets all files of a
    model, open for reading, by their names, and says how good it is, more being better; it is
    asked before and after.

    Raises:
        Denied: a file could run code when it is opened.
        InputError: no file of the model is safetensors, another one could hold the same weights
            without a mark, weights in which a mark would be fragile, or a model that is worse with
            it by more than 0.01.
        TrustError: the marking key is gone or another one (step ``"marking key"``).
        Unavailable: the keystore is locked, or the disk is full.
    """
    fit = _fit(context, files, progress)
    before = None if evaluate is None else _quality(evaluate, files, progress)
    key = own_key(context, actor, shelf)
    name = grant or context.new_id("copy")
    digests = _digests(files, progress)
    marked = []
    for file in fit:
        with file.open() as source, aside.create(file.name) as target:
            own = digests[file.name]
            done = mark(source, target, key, model=own, grant=name, progress=progress)
        marked.append(MarkedFile(name=file.name, digest=own, mark=done))
    made = {file.name: file for file in aside.files()}
    whole = tuple(made.get(file.name, file) for file in files)
    if evaluate is not None and before is not None:
        after = _quality(evaluate, whole, progress)
        check_quality(before, after)
        measured = {"before": before, "after": after}
        marked = [
            one.model_copy(update={"mark": one.mark.model_copy(update=measured)}) for one in marked
        ]
    every = [signing.Resource(one, own.removeprefix("sha256:")) for one, own in digests.items()]
    return Copy(
        id=name,
        files=whole,
        root=f"sha256:{signing.root_digest(every)}",
        key=fingerprint(key),
        marked=tuple(marked),
    )


def note(
    context: Context,
    shelf: Shelf,
    copy: Copy,
    *,
    ref: str,
    manifest: str,
    person: str,
    devices: Sequence[str],
    recipient: str | None = None,
    granted: bool = False,
) -> MarkedCopy:
    """Note whose copy it is; to be done before it leaves, or nobody could be named for it.

    Raises:
        InputError, TrustError, Unavailable: the notes are full, damaged, or cannot be written.
    """
    noted = MarkedCopy(
        id=copy.id,
        at=context.now(),
        ref=ref,
        manifest=manifest,
        root=copy.root,
        person=person,
        recipient=recipient,
        devices=tuple(devices),
        key=copy.key,
        files=copy.marked,
        granted=granted,
    )
    shelf.add(noted.to_bytes())
    return noted


def whose(
    context: Context,
    actor: Actor,
    shelf: Shelf,
    originals: Sequence[ModelFile],
    found: Sequence[ModelFile],
    progress: Progress,
) -> list[Answer]:
    """Return whose copies found files are, one answer for each file that could be compared.

    Args:
        originals: the unmarked model, or one file of it.
        found: the file that was found, or a folder; what is in it is not trusted.

    Raises:
        InputError: no proper safetensors file, another model, or several files of which nobody
            can tell which belongs to which.
        NotFound: no copy of this original was marked.
        TrustError: the notes or the marking key are damaged, or another key.
        Unavailable: the keystore is locked.
    """
    noted = copies(shelf)
    known = {one.digest for copy in noted for one in copy.files}
    digests = _digests(originals, progress)
    marked = [file for file in originals if digests[file.name] in known]
    if not marked:
        raise NotFound(
            "No copy of this model was marked from here.",
            unchanged="Nobody was named.",
            hint="The original is the unmarked model, unchanged since the copies were made.",
        )
    key = own_key(context, actor, shelf)
    pairs = _pairs(marked, found)
    theirs = _digests([other for _, other in pairs], progress)
    answers = []
    for original, other in pairs:
        own = digests[original.name]
        by_id = {copy.id: copy for copy in noted if any(one.digest == own for one in copy.files)}
        with original.open() as first, other.open() as second:
            traced = trace(first, second, key, list(by_id), model=own, progress=progress)
        named = tuple(by_id[grant] for grant in traced.named)
        same = theirs[other.name] == own
        answers.append(Answer(other.name, original.name, traced, named, same))
    return answers


def verdict(answers: Sequence[Answer]) -> Verdict:
    """Return what the answers come to: one file that names somebody is enough."""
    given = {answer.traced.verdict for answer in answers}
    for one in (Verdict.named, Verdict.unclear):
        if one in given:
            return one
    return Verdict.nobody


def _fit(context: Context, files: Sequence[ModelFile], progress: Progress) -> list[ModelFile]:
    """Return the files to mark, by what is in them and not by their names."""
    report = content.scanned([(file.name, file.open) for file in files], context, progress)
    content.refuse(report, "No file was made.")
    kinds = {file.name: one.kind for file, one in zip(files, report.files, strict=True)}
    markable.check(kinds)
    weights = [file for file in files if kinds[file.name] == markable.WEIGHTS]
    return [file for file in weights if _numbers(file) >= FEWEST] or weights


def _quality(
    evaluate: Callable[[Mapping[str, BinaryIO]], float],
    files: Sequence[ModelFile],
    progress: Progress,
) -> float:
    progress("Measuring the model", 0, 1)
    with ExitStack() as stack:
        return float(evaluate({file.name: stack.enter_context(file.open()) for file in files}))


def _numbers(file: ModelFile) -> int:
    with file.open() as source:
        return sum(tensor.size for tensor in layout(source).tensors)


def _digests(files: Sequence[ModelFile], progress: Progress) -> dict[str, str]:
    """Return the digest of every file by its name."""
    total, done, found = sum(file.size for file in files), 0, {}
    for file in files:
        sha = hashlib.sha256()
        with file.open() as source:
            while piece := source.read(PIECE):
                sha.update(piece)
                done += len(piece)
                progress("Reading the model", done, total)
        found[file.name] = f"sha256:{sha.hexdigest()}"
    return found


def _pairs(
    originals: Sequence[ModelFile], found: Sequence[ModelFile]
) -> list[tuple[ModelFile, ModelFile]]:
    """Return which found file is to be compared with which original: by name, if there is choice.

    A file that was found alone is compared whatever it is, so that what is wrong with it is said.
    """
    fit = list(found) if len(found) == 1 else [file for file in found if _is_weights(file)]
    if len(fit) == 1 and len(originals) == 1:
        return [(originals[0], fit[0])]
    by_name = {file.name: file for file in originals}
    pairs = [(by_name[file.name], file) for file in fit if file.name in by_name]
    if not pairs:
        raise InputError(
            "Which of the found files belongs to which of the original ones cannot be told.",
            unchanged="Nobody was named.",
            hint="Give one safetensors file, and the one of the original that it is a copy of.",
        )
    return pairs


def _is_weights(file: ModelFile) -> bool:
    with file.open() as source:
        return is_safetensors(source.read(HEAD), file.size)
