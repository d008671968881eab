"""What is in a zip archive: each member looked into, and what torch, skops or Keras make of it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Protocol

from workbench.scanning.contract import Budget, Scan, Scanner, finding
from workbench.scanning.documents import LONGEST, parsed
from workbench.scanning.skops_files import Known, scan_schema
from workbench.scanning.streams import Malformed, exactly, head, part
from workbench.scanning.torchzip import Layout, layout_of
from workbench.scanning.unpacking import Start, pieces_of, unpacked
from workbench.scanning.wording import within
from workbench.scanning.zips import Member, members

__all__ = ["Inside", "scan_zip"]

_PIECE = 1 << 20
_MARK = 256  # bytes of a version or a byte order
_PACKED = {8: Start.deflate, 12: Start.bzip2}
_NONE = Layout(frozenset(), frozenset(), frozenset())


class _Pickles(Protocol):
    def __call__(
        self, stream: BinaryIO, place: str, budget: Budget, *, torch: bool = False
    ) -> Scan: ...


@dataclass(frozen=True)
class Inside:
    """How to look at what is inside an archive.

    Attributes:
        look: looks into a member of any kind.
        pickles: looks into a pickle; ``torch=True`` if torch's tensors are beside it.
        known: whether a module and a name in it are known and harmless.
    """

    look: Scanner
    pickles: _Pickles
    known: Known


def scan_zip(stream: BinaryIO, place: str, budget: Budget, inside: Inside) -> Scan:
    """Return what was found in an archive."""
    scan = Scan("zip", reason="It is an archive, and all files in it are safe.")
    try:
        found = members(stream, budget)
    except Malformed as error:
        scan.add(
            finding(
                "zip-ambiguous",
                place,
                "zip archive",
                f"Programs could see different things in it: {error}.",
                remedy="Save the model again, or pack the files again with a plain zip.",
            )
        )
        return scan
    names = [one.name for one in found if not one.folder]
    scan.kind = _kind(names)
    layout = layout_of(names) or _NONE
    if layout.programs:
        why = "It is a program for torch (TorchScript), which runs when the model is used."
        remedy = "Share the weights as safetensors, and the network's code apart from them."
        scan.add(finding("torchscript", place, sorted(layout.programs)[0], why, remedy=remedy))
    with budget.deeper():
        for one in found:
            if not one.folder:
                part_of = _look_at(stream, one, place, budget, layout, names, inside)
                if one.name == "schema.json":
                    scan.reason = part_of.reason
                scan.absorb(part_of)
                if scan.kind == "skops" and part_of.kind == "npy with objects":
                    why = "An array of plain numbers in it is a pickle instead."
                    remedy = "Save the model again, without arrays of objects."
                    where = within(place, one.name)
                    scan.add(finding("skops-file", where, "pickle", why, remedy=remedy))
    return scan


def _kind(names: list[str]) -> str:
    if layout_of(names):
        return "torch zip"
    if "schema.json" in names:
        return "skops"
    if {"config.json", "metadata.json"} <= set(names):
        return "keras"
    if names and all(name.endswith(".npy") for name in names):
        return "npz"
    return "zip"


def _look_at(
    stream: BinaryIO,
    one: Member,
    place: str,
    budget: Budget,
    layout: Layout,
    names: list[str],
    inside: Inside,
) -> Scan:
    where = within(place, one.name)
    try:
        inner = _opened(stream, one, budget)
        if one.name in layout.pickles:
            return inside.pickles(inner, where, budget, torch=True)
        if one.name in layout.raw and (one.size <= _MARK or "data/" in one.name):
            return Scan("tensor data")
        if one.name == "schema.json":
            inner.seek(0)
            return scan_schema(parsed(head(inner, LONGEST + 1)), names, where, budget, inside.known)
        return inside.look(inner, where, budget)
    except Malformed as error:
        scan = Scan("damaged")
        why = f"It is damaged, so programs could see different things in it: {error}."
        scan.add(finding("damaged", where, "member", why, remedy="Save the model again."))
        return scan


def _opened(stream: BinaryIO, one: Member, budget: Budget) -> BinaryIO:
    """Return a member's contents, once their checksum and size were found to fit."""
    if one.method == 0:
        _check(_stored(stream, one, budget), one)
        return part(stream, one.start, one.size)
    begin = _PACKED.get(one.method)
    if begin is None:
        raise Malformed("it is packed in a way that cannot be looked into")
    pieces = partial(pieces_of, stream, one.start, one.packed, begin)
    inner, _ = unpacked(lambda: _checked(pieces(), one), budget, one.packed)
    return inner


def _stored(stream: BinaryIO, one: Member, budget: Budget) -> Iterator[bytes]:
    left = one.size
    stream.seek(one.start)
    while left:
        piece = exactly(stream, min(left, _PIECE))
        left -= len(piece)
        budget.check()
        yield piece


def _check(pieces: Iterator[bytes], one: Member) -> None:
    for _ in _checked(pieces, one):
        pass


def _checked(pieces: Iterator[bytes], one: Member) -> Iterator[bytes]:
    """Pass the pieces on; fail at their end if they are not what the archive says."""
    crc = total = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        total += len(piece)
        if total > one.size:
            break
        yield piece
    if (crc, total) != (one.crc, one.size):
        raise Malformed("its checksum or size does not fit")
