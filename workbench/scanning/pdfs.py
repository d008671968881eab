"""PDF files: documents, unless they name what a reader would run, fetch or open.

Names are searched for in all bytes and in all that Flate data in them come to, however they are
written; where objects are kept in a way that cannot be looked into, the file is refused (ISO
32000-1, 12.6 "Actions", 7.11 "File specifications", 7.6 "Encryption").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from workbench.scanning.contract import Budget, Exhausted, Scan, finding
from workbench.scanning.pdf_streams import (
    SPACE,
    Stream,
    inflated,
    names_in,
    plain,
    streams,
    unpacked_streams,
    value_end,
)
from workbench.scanning.streams import Malformed, head, size_of
from workbench.scanning.unpacking import IN_MEMORY

__all__ = ["scan_pdf"]

_SCRIPT = "It holds a script, which a reader of PDF files may run."
_OPENS = "It makes a reader of PDF files start a program, or open another file or address."
_HOLDS = "Another file is kept in it, which nobody looked at."
_PLAYS = "It holds something that is played, which may come from elsewhere."
_SENDS = "It holds a form that may run scripts, or send or fetch what is in it."
_HIDDEN = "It is encrypted, so what is in it cannot be known."
_ACTS = {
    "JavaScript": _SCRIPT, "JS": _SCRIPT, "AA": _OPENS, "Launch": _OPENS, "GoToE": _OPENS,
    "GoToR": _OPENS, "OpenAction": _OPENS, "EmbeddedFile": _HOLDS, "EmbeddedFiles": _HOLDS,
    "EF": _HOLDS, "FileAttachment": _HOLDS, "RichMedia": _PLAYS, "Rendition": _PLAYS,
    "Movie": _PLAYS, "Sound": _PLAYS, "XFA": _SENDS, "SubmitForm": _SENDS, "ImportData": _SENDS,
    "Encrypt": _HIDDEN,
}  # fmt: skip
_REMEDY = "Print it to a new PDF file and share that, or share it as a picture or text."
# What has to follow a name so short that it is found in numbers by chance: a value or a reference.
_SHORT = {"JS": rb"[(<%]|[0-9]", "AA": rb"<<|%|[0-9]", "EF": rb"<<|%|[0-9]"}
_OBJECT_NAMES = {b"Type", b"ObjStm", b"N", b"First", b"Length", b"Filter", b"FlateDecode",
                 b"Extends"}  # fmt: skip
# What an action may say that only shows a page of the same document.
_SHOWS = {b"Type", b"Action", b"S", b"GoTo", b"D", b"XYZ", b"Fit", b"FitH", b"FitV", b"FitR",
          b"FitB", b"FitBH", b"FitBV"}  # fmt: skip
_REFERENCE = re.compile(rb"([0-9]{1,10})[" + SPACE + rb"]+[0-9]{1,5}[" + SPACE + rb"]+R")
_FIRST = re.compile(rb"/First[" + SPACE + rb"]+([0-9]{1,6})(?![0-9])")
_SPACES = re.compile(rb"[" + SPACE + rb"]*+")


def _written(name: str) -> bytes:
    """Return what finds a name, whichever of its letters are written by their numbers."""
    letters = (rb"(?:%b|#%b)" % (c.encode(), _hex(ord(c))) for c in name)
    return b"".join(letters)


def _hex(number: int) -> bytes:
    return b"".join(b"[" + c.encode() + c.upper().encode() + b"]" for c in f"{number:02x}")


def _pattern() -> re.Pattern[bytes]:
    ended = rb"(?![^" + SPACE + rb"()<>\[\]{}/%])"
    each = []
    for name in _ACTS:
        after = rb"(?=[" + SPACE + rb"]*+(?:" + _SHORT[name] + rb"))" if name in _SHORT else b""
        each.append(rb"(?P<" + name.encode() + rb">" + _written(name) + ended + after + rb")")
    return re.compile(rb"/(?:" + rb"|".join(each) + rb")")


_NAMED = _pattern()
MAX_SHOWN = 16  # objects that are opened with a document; each older state of it may have one


def scan_pdf(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """Return what was found: whether a PDF file names what acts, and all of it could be seen.

    Raises:
        Exhausted: as the budget says, or it is so large that it does not fit in memory.
    """
    scan = Scan("pdf", reason="It is a document, and nothing in it acts by itself.")
    if size_of(stream) > IN_MEMORY:
        raise Exhausted("expanded")
    data = head(stream, IN_MEMORY)
    named: dict[str, str] = {}
    try:
        if not data.rstrip(SPACE).endswith(b"%%EOF"):
            raise Malformed("it does not end as it should, or there is something after its end")
        _look_into(data, budget, named)
    except Malformed as error:
        why = f"It cannot be looked into: {error}."
        scan.add(finding("damaged", place, "PDF file", why, remedy=_REMEDY))
    for name, why in named.items():
        scan.add(finding("pdf-acts", place, f"/{name}", why, remedy=_REMEDY))
    return scan


def _look_into(data: bytes, budget: Budget, named: dict[str, str]) -> None:
    """Put the names that act into ``named``, each with what it does.

    Raises:
        Malformed: objects are kept in a way that cannot be looked into.
        Exhausted: as the budget says.
    """
    shown: set[int] = set()  # objects that are opened with the document
    _search(data, budget, named, shown)
    packed: set[int] = set()
    holding: set[Stream] = set()  # of objects, in all ways in which what is said of them is read
    for one in streams(data, budget):
        packed |= {one.start} if one.packed else set()
        holding |= {one} if one.of_objects else set()
    for start, out, ended in unpacked_streams(data, budget):
        _search(out, budget, named, shown)
        if ended:
            packed.discard(start)
    if any(not _is_plain(one) for one in holding):
        raise Malformed("objects in it are packed in a way that is not understood here")
    if packed:
        raise Malformed("something in it cannot be unpacked")
    for number in sorted(shown)[:MAX_SHOWN]:
        found = _definitions(number, data, holding, budget)
        values = [_only_shows(text, at, budget) for text, at in found]
        if not values or not all(values) or len(shown) > MAX_SHOWN:
            named["OpenAction"] = _ACTS["OpenAction"]


def _search(text: bytes, budget: Budget, named: dict[str, str], shown: set[int]) -> None:
    budget.spend(1 + len(text) // 1024)
    for found in _NAMED.finditer(text):
        name = str(found.lastgroup)
        if name == "OpenAction" and name not in named:
            at = _after_space(text, found.end())
            refers = _REFERENCE.match(text, at)
            if refers:
                shown.add(int(refers[1]))
                continue
            if _only_shows(text, at, budget):
                continue
        named[name] = _ACTS[name]


def _is_plain(stream: Stream) -> bool:
    """Tell whether a stream of objects is Flate data and nothing else, or not packed at all."""
    names = names_in(stream.dictionary)
    once = all(names.count(name) <= 1 for name in (b"Filter", b"FlateDecode"))
    known = set(names) <= _OBJECT_NAMES and stream.packed is (b"Filter" in names)
    return once and known and _FIRST.search(stream.dictionary) is not None


def _definitions(
    number: int, data: bytes, holding: set[Stream], budget: Budget
) -> Iterator[tuple[bytes, int]]:
    """Yield the texts and the places in them where an object of a number is, or once was."""
    space = rb"[" + SPACE + rb"]+"
    start = rb"(?<![0-9])%d" % number + space + rb"[0-9]{1,5}" + space + rb"obj"
    budget.spend(1 + len(data) // 1024)
    for found in re.finditer(start, data):
        yield data, _after_space(data, found.end())
    for one in holding:
        budget.spend()
        text = inflated(data, one.start, budget)[0] if one.packed else data
        base = 0 if one.packed else one.start
        (first,) = map(int, _FIRST.findall(one.dictionary)[:1])  # places of all stand before it
        words = text[base : base + first].split()
        places = [int(word) for word in words if word.isdigit() and len(word) <= 10]
        for named, place in zip(places[::2], places[1::2], strict=False):
            if named == number:
                yield text, _after_space(text, base + first + place)


def _only_shows(text: bytes, at: int, budget: Budget) -> bool:
    """Tell whether what opens with a document is a place in it, and no action but to go there."""
    if text[at : at + 2] != b"<<":
        return text[at : at + 1] == b"["
    try:
        names = set(names_in(plain(text[at : value_end(text, at, budget)])))
    except Malformed:
        return False
    return b"GoTo" in names and names <= _SHOWS


def _after_space(text: bytes, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at
