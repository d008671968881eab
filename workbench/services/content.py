"""Files are looked into before they are sealed, and again before anybody gets them opened.

Not a matter of trust: an owner may well have signed a file that runs code. The looking is done on
this computer, by the rules of this installation, whatever somebody else has measured before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from workbench.crypto import dsse
from workbench.errors import Denied
from workbench.findings.scan import Outcome, ScanReport
from workbench.findings.statement import SCAN
from workbench.release.signing import Resource
from workbench.scanning.scan import scan
from workbench.services.context import Actor, Context, Progress
from workbench.vocabulary import Verdict

__all__ = ["ModelPlace", "Place", "opened", "refuse", "scanned", "statement", "worst"]

WORD = "Looking for code"


class Place(Protocol):
    """Where the files of a release are written when it is opened, and read again."""

    def create(self, name: str) -> BinaryIO:
        """Create a file for writing."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open one of them for reading."""
        ...


@dataclass(frozen=True)
class ModelPlace:
    """The part of an opened folder that the model's own files go to."""

    folder: Place

    def create(self, name: str) -> BinaryIO:
        """Create a file of the model."""
        return self.folder.create(f"model/{name}")

    def open(self, name: str) -> BinaryIO:
        """Open a file of the model for reading."""
        return self.folder.open(f"model/{name}")


def scanned(
    files: Sequence[tuple[str, Callable[[], BinaryIO]]], context: Context, progress: Progress
) -> ScanReport:
    """Return what is found in files, each given with what opens it."""
    return scan(
        files,
        clock=lambda: context.clock().timestamp(),
        progress=lambda _what, done, total: progress(WORD, done, total),
    )


def opened(
    resources: Iterable[Resource], place: Place, context: Context, progress: Progress
) -> ScanReport:
    """Return what is found in the files of a release that was just written to a place."""
    files = [(one.name, functools.partial(place.open, one.name)) for one in resources]
    return scanned(files, context, progress)


def statement(actor: Actor, name: str, root: str, report: ScanReport) -> str:
    """Return the signed statement of what a scan found in the files with this root digest."""
    payload = dsse.statement([(name, root)], SCAN, report.model_dump(mode="json"))
    return dsse.bundle(payload, actor.signer.sign, actor.device.signing_key)


def worst(report: ScanReport) -> str:
    """Return what is worst about the files in a sentence; empty where nothing is wrong."""
    bad = [file for file in report.files if file.outcome is Outcome.unsafe]
    if not bad:
        return ""
    more = f" So it is with {len(bad) - 1} more." if len(bad) > 1 else ""
    return f"{bad[0].path}: {bad[0].reason}{more}"


def refuse(report: ScanReport, unchanged: str) -> None:
    """Refuse files that could run code.

    Raises:
        Denied: one of them could.
    """
    if report.verdict is Verdict.failed:
        raise Denied(
            "A file could run somebody else's code when it is opened.",
            found=worst(report),
            unchanged=unchanged,
            hint="Ask the owner for the model in a form that cannot run code.",
        )
