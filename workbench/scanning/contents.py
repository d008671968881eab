"""What a stream is, decided by its content and never by its name, and the scanner that fits."""

from __future__ import annotations

import io
import sys
from functools import partial
from typing import BinaryIO

from workbench.findings.scan import Outcome
from workbench.scanning.allowlist import role
from workbench.scanning.archives import Inside, scan_zip
from workbench.scanning.boosters import is_ubjson, scan_catboost, scan_ubjson
from workbench.scanning.compressed import (
    COMPRESSED,
    UNREADABLE,
    salvaged,
    scan_compressed,
    scan_unreadable,
)
from workbench.scanning.contract import Budget, Scan, Scanner, finding
from workbench.scanning.dmatrix import scan_dmatrix
from workbench.scanning.gguf import scan_gguf
from workbench.scanning.hdf5 import is_hdf5, scan_hdf5
from workbench.scanning.kinds import MEDIA, kind_of_start, program_of_start
from workbench.scanning.mat_files import scan_mat
from workbench.scanning.media import scan_media
from workbench.scanning.memory import CROSSED
from workbench.scanning.numpy_files import scan_npy
from workbench.scanning.onnx import is_onnx, scan_onnx
from workbench.scanning.pdfs import scan_pdf
from workbench.scanning.pickles import scan_pickles
from workbench.scanning.pictures import scan_bmp, scan_tiff, scan_webp
from workbench.scanning.plain_text import (
    decoded,
    is_text,
    is_wide_text,
    narrowed,
    scan_text,
)
from workbench.scanning.polyglots import second_kinds
from workbench.scanning.safetensors import is_safetensors, scan_safetensors
from workbench.scanning.savedmodel import is_graph, is_savedmodel, scan_graph, scan_savedmodel
from workbench.scanning.savedparts import scan_saved_part
from workbench.scanning.sevenzip import scan_sevenzip
from workbench.scanning.sqlite_files import scan_sqlite
from workbench.scanning.streams import head, size_of
from workbench.scanning.tars import is_tar, scan_tar

__all__ = ["look"]

_START = 4096
_WORDLIKE = {b"MZ", b"BZ", b"x^", b"x ", b"PA", b"FE", b"CB"}  # marks that a text may start with
_ACTS = {"pickle-call", "pickle-load", "pickle-state"}  # findings of a pickle that does something
# Findings after which nobody knows what a reader of pickles would do.
_UNSEEN = {("pickle-hidden", "a name"), ("pickle-odd", CROSSED)}
# Modules that are really there; words of a text that happen to read as a name are not among them.
_IMPORTABLE = sys.stdlib_module_names | {"numpy", "torch", "joblib", "pip", "setuptools"}


def look(
    stream: BinaryIO, place: str, budget: Budget, beside: frozenset[str] = frozenset()
) -> Scan:
    """Return what was found in a stream of any kind, and in what is inside of it.

    Args:
        beside: names of the files in the same folder, which it may refer to.

    Raises:
        Exhausted: looking further would cost more than the budget has left.
    """
    budget.check()
    if not size_of(stream):
        return Scan("empty", reason="It is empty.")
    start = head(stream, _START)
    kind = _kind(stream, start, budget)
    scan = _scan(stream, kind, start, place, budget, beside)
    for found in second_kinds(stream, kind, start[:512], place):
        scan.add(found)
    if kind not in ("pickle", "text", "wide text", "unknown"):
        _check_disguise(stream, kind, place, budget, scan)
    return scan


def _kind(stream: BinaryIO, start: bytes, budget: Budget) -> str:
    if is_safetensors(start, size_of(stream)) and not is_hdf5(stream):
        return "safetensors"  # whose length, at its start, may look like any other mark
    kind = kind_of_start(start)
    if start[:2] in _WORDLIKE and is_text(stream, budget):
        return "text"
    if kind:
        return kind
    if is_tar(start):
        return "tar"
    if is_hdf5(stream):
        return "hdf5"
    if is_ubjson(start):
        return "ubjson"
    if program_of_start(start):
        return "program"
    if any(start.startswith(magic) for magic, _, _ in MEDIA):
        return "media"
    if is_text(stream, budget):
        return "text"
    if is_wide_text(stream, budget):
        return "wide text"
    if is_savedmodel(stream, budget):
        return "savedmodel"
    if is_graph(stream, budget):
        return "tensorflow graph"
    return "onnx" if is_onnx(stream, budget) else "unknown"


def _scan(
    stream: BinaryIO,
    kind: str,
    start: bytes,
    place: str,
    budget: Budget,
    beside: frozenset[str],
) -> Scan:
    if kind in UNREADABLE:
        return scan_unreadable(place, kind)
    if kind in COMPRESSED:
        return scan_compressed(stream, place, budget, kind=kind, look=look)
    if kind == "zip":
        return scan_zip(stream, place, budget, Inside(look, scan_pickles, _is_known))
    if kind == "onnx":
        return scan_onnx(stream, place, budget, beside)
    if kind == "program":
        return _program(place, program_of_start(start))
    if kind == "media":
        return scan_media(stream, place, budget)
    scanner = _SCANNERS.get(kind)
    if scanner is None:
        return _unknown(stream, place, budget)
    stream.seek(0)
    return scanner(stream, place, budget)


def _is_known(module: str, name: str) -> bool:
    known = role(module, name)
    return known is not None and known.held


def _pickle(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    stream.seek(0)
    return scan_pickles(stream, place, budget)


def _text(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """A pickle may be all text, to its last byte."""
    stream.seek(0)
    whole = scan_pickles(stream, place, budget)
    if all(one.rule != "pickle-broken" for one in whole.findings):
        return whole
    scan = scan_text(stream, place, budget)
    _check_disguise(stream, "text", place, budget, scan)
    for plain in decoded(stream, budget):
        _check_disguise(io.BytesIO(plain), "encoded text", place, budget, scan)
    if kind_of_start(head(stream, 2)) == "zlib":
        inner = io.BytesIO(salvaged(stream, budget))
        _check_disguise(inner, "packed text", place, budget, scan)
    return scan


def _wide_text(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """No pickle starts as such a text does."""
    return scan_text(narrowed(stream, budget), place, budget)


_SCANNERS: dict[str, Scanner] = {
    "pickle": _pickle,
    "text": _text,
    "wide text": _wide_text,
    "npy": partial(scan_npy, pickles=scan_pickles),
    "gguf": scan_gguf,
    "hdf5": partial(scan_hdf5, pickles=scan_pickles),
    "safetensors": scan_safetensors,
    "savedmodel": scan_savedmodel,
    "tensorflow graph": scan_graph,
    "tar": partial(scan_tar, look=look),
    "7z": partial(scan_sevenzip, look=look),
    "ubjson": scan_ubjson,
    "catboost": scan_catboost,
    "dmatrix": scan_dmatrix,
    "bmp": scan_bmp,
    "tiff": scan_tiff,
    "webp": scan_webp,
    "mat": scan_mat,
    "sqlite": partial(scan_sqlite, pickles=scan_pickles),
    "pdf": scan_pdf,
}


def _check_disguise(stream: BinaryIO, kind: str, place: str, budget: Budget, scan: Scan) -> None:
    """Add what a reader of pickles would meet in a stream that is something else.

    It starts at the first byte and acts on each instruction before it reads the next, so a name
    that is asked for counts, whatever comes after it.
    """
    if head(stream, 1) == b"P":  # asks the program for something by a name; plain ones stop there
        return
    stream.seek(0)
    found = scan_pickles(stream, place, budget)
    acts = any(one.rule in _ACTS or (one.rule, one.what) in _UNSEEN for one in found.findings)
    if acts or any(name.partition(".")[0] in _IMPORTABLE for name in found.names):
        what = f"{kind} and pickle"
        why = "It is a pickle as well, and runs code if it is opened as one."
        scan.add(finding("polyglot", place, what, why, remedy="Save the model again."))
        for one in found.findings:
            if one.rule != "pickle-broken":
                scan.add(one)
        scan.names |= found.names


def _unknown(stream: BinaryIO, place: str, budget: Budget) -> Scan:
    """A pickle needs no mark at its start; what is none either is unknown."""
    stream.seek(0)
    found = scan_pickles(stream, place, budget)
    if found.outcome is not Outcome.unsafe or found.names:
        return found
    part = scan_saved_part(stream, budget, place)
    if part is not None:
        return part
    scan = Scan("unknown")
    why = "What this is is not known, so nobody can say what opening it does."
    remedy = "Leave it out, or save it in a form that is known."
    scan.add(finding("unknown", place, "unknown content", why, remedy=remedy))
    return scan


def _program(place: str, what: str) -> Scan:
    scan = Scan("program")
    remedy = "Share programs as what they are, apart from the model."
    scan.add(finding("program", place, what, f"It is {what}.", remedy=remedy))
    return scan
