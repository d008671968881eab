"""An opened model as an object: of a safe form at once, of a program only for whoever insists.

A file that is a program is copied to where only this process can reach it. That copy is compared
with what was signed, looked into, and loaded: nobody can put another file in between.
"""

from __future__ import annotations

import hashlib
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from workbench.converting import loading, pickled
from workbench.errors import Denied, InputError
from workbench.findings.scan import FileScan, Outcome, ScanReport
from workbench.notebook.showing import Asking
from workbench.release.signing import Resource, check_files
from workbench.scanning.allowlist import ALLOWED
from workbench.scanning.scan import scan

__all__ = ["ProgramWarning", "load"]

PIECE = 1 << 20
NOTHING = "Nothing was loaded."


class ProgramWarning(UserWarning):
    """A model is loaded that is a program."""


def load(
    folder: Path,
    trust: Sequence[str] = (),
    asking: Asking | None = None,
    *,
    insist: bool = False,
    file: str | None = None,
) -> Any:
    """Return the model in an opened folder.

    Args:
        trust: as :func:`workbench.converting.loading.load`.
        asking: without it only safe forms are loaded.
        insist: load a program all the same.
        file: which file to load, where several programs are in the folder.

    Raises:
        Denied: a file could run somebody else's code, or a policy says no (recorded).
        TrustError: the files are not those that were opened, or not what they seem.
        InputError: nothing that could be loaded, or several.
        Unavailable: the package of that kind of model is missing.
    """
    if asking is None or (loading.found(folder) is not None and file is None):
        return loading.load(folder, trust)
    with ExitStack() as stack:
        found, copies = _copied(asking, stack)
        report = _looked_into(copies)
        _refuse_unsafe(report, asking)
        check_files(asking.signed, found)
        chosen = _chosen(copies, report, file)
        if chosen is None:
            return loading.load(folder, trust)  # says that there is nothing
        stream, one = copies[chosen.path], chosen
        if " of " in chosen.kind:
            stream = _unpacked(stream, chosen.kind, stack)
            inner = _looked_into({chosen.path: stream})  # exactly the bytes that will be loaded
            _refuse_unsafe(inner, asking)
            one = inner.files[0]
        asking.allow(report, insist)
        warnings.simplefilter("always", ProgramWarning, append=True)  # each time, not once a cell
        warnings.warn(_danger(asking.ref, chosen.path), ProgramWarning, stacklevel=3)
        return pickled.load(stream, one.kind, ALLOWED.keys(), one.names)


def _danger(ref: str, path: str) -> str:
    return (
        f"{path} of {ref} is a program. It runs as you, with your files, now that it is loaded. "
        "All that it asks for is known, but only its owner knows what is in it."
    )


def _copied(asking: Asking, stack: ExitStack) -> tuple[list[Resource], dict[str, BinaryIO]]:
    """Return the digests of all files as they are now, and copies of them, by their names."""
    copies: dict[str, BinaryIO] = {}
    found: list[Resource] = []
    try:
        for file in asking.files():
            copy = copies[file.name] = stack.enter_context(_nameless())
            digest = hashlib.sha256()
            with file.open() as source:
                while piece := source.read(PIECE):
                    digest.update(piece)
                    copy.write(piece)
            found.append(Resource(file.name, digest.hexdigest()))
    except InputError as error:
        raise InputError(
            error.message, unchanged=NOTHING, hint=f"Open it again: wb.open({asking.ref!r})."
        ) from error
    return found, copies


@contextmanager
def _nameless() -> Iterator[BinaryIO]:
    """Give a file that no other program can find, and that is gone in the end."""
    with TemporaryFile(prefix="workbench-") as file:
        yield file


def _looked_into(copies: dict[str, BinaryIO]) -> ScanReport:
    return scan(list(copies.items()), clock=time.monotonic)


def _chosen(copies: dict[str, BinaryIO], report: ScanReport, file: str | None) -> FileScan | None:
    """Return the one program that is to be loaded; none if there is none."""
    programs = {
        name: one
        for name, one in zip(copies, report.files, strict=True)
        if one.outcome is Outcome.allowed and one.kind.rpartition(" of ")[2] in pickled.PROGRAMS
    }
    if file is not None and file not in programs:
        raise InputError(
            f"{file[:80]!r} is no file of this model that can be loaded as a program.",
            unchanged=NOTHING,
            hint=f"There is {', '.join(programs)}." if programs else "There is none.",
        )
    if file is None and len(programs) > 1:
        raise InputError(
            f"The model holds several programs: {', '.join(programs)}.",
            unchanged=NOTHING,
            hint=f"Name one: .load(insist=True, file={next(iter(programs))!r}).",
        )
    name = file or next(iter(programs), None)
    return programs[name].model_copy(update={"path": name}) if name is not None else None


def _unpacked(stream: BinaryIO, kind: str, stack: ExitStack) -> BinaryIO:
    inner = stack.enter_context(_nameless())
    pickled.unpacked(stream, kind, inner)
    return inner


def _refuse_unsafe(report: ScanReport, asking: Asking) -> None:
    """Refuse files that could run code; the exchange does it, so that it is recorded."""
    if report.outcome is Outcome.unsafe:
        asking.allow(report, False)
        raise Denied("A file could run somebody else's code.", unchanged=NOTHING)
