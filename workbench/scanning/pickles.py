"""Streams of pickles: a plain one, torch's old form, joblib's with raw arrays in between."""

from __future__ import annotations

import io
from functools import partial
from typing import BinaryIO

from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.joblib_arrays import after_wrapper
from workbench.scanning.machine import interpret
from workbench.scanning.memory import Memory, Surroundings
from workbench.scanning.reader import Broken, Reader
from workbench.scanning.refusals import PLAINER, Refused
from workbench.scanning.streams import part
from workbench.scanning.torch_streams import (
    BEFORE_KEYS,
    MAGIC,
    OBJECT,
    looks_like_tar,
    pass_numbers,
)
from workbench.scanning.values import UNKNOWN, Blob, Value

__all__ = ["scan_pickles"]

NAMED = 6  # names that the reason of an allowed pickle gives
LATER = "Pickle it with protocol 4 or newer, or save its state as safetensors."
CRAFTED = " Numbers made up on purpose could still crash the program that predicts with it."
WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"


def scan_pickles(stream: BinaryIO, place: str, budget: Budget, *, torch: bool = False) -> Scan:
    """Return what was found in a stream that holds one pickle or several, from where it stands.

    All of the stream has to be accounted for: a pickle, several one after the other, or one with
    the raw numbers that its kind of file has. An error in it does not end the matter, since
    Python executes what comes before one. A pickle is never better than *allowed*.

    Args:
        place: what the stream is, to be shown.
        torch: it is ``data.pkl`` of a torch archive, whose persistent ids name storages.

    Raises:
        Exhausted: it costs more than the budget allows.
    """
    scan = Scan("pickle", Outcome.allowed)
    _pickles(stream, place, budget, scan, torch=torch)
    if WRAPPER in scan.names:
        scan.kind = "joblib pickle"
    if scan.outcome is Outcome.allowed:
        scan.reason = _reason(scan.names)
        if any(one.rule == "pickle-native" for one in scan.findings):
            scan.reason += CRAFTED
    return scan


def _reason(names: set[str]) -> str:
    if not names:
        return "It asks for no name at all: plain data only."
    listed = ", ".join(sorted(names)[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    count = "one thing, known" if len(names) == 1 else f"{len(names)} things, all known"
    return f"It names {count} and harmless: {listed}{more}."


def _pickles(
    stream: BinaryIO, place: str, budget: Budget, scan: Scan, *, torch: bool = False
) -> Value:
    """Interpret pickle after pickle; return what stands for the object in it."""
    begin = stream.tell()
    reader = Reader(stream, budget)
    try:
        first = _pickle(reader, place, scan, torch=torch)
        if first == MAGIC and type(first) is int and not torch:
            scan.kind = "torch pickle"
            return _torch(reader, place, scan, begin)
        while reader.left and not torch:
            _pickle(reader, place, scan)
        if reader.left:
            raise Broken("more data", "There is something behind its end.")
    except Broken as error:
        _broken(scan, place, reader, error)
        return UNKNOWN
    return first


def _pickle(
    reader: Reader, place: str, scan: Scan, *, torch: bool = False, legacy: bool = False
) -> Value:
    return interpret(_memory(reader, place, scan, torch=torch, legacy=legacy))


def _memory(
    reader: Reader, place: str, scan: Scan, *, torch: bool = False, legacy: bool = False
) -> Memory:
    around = Surroundings(
        torch=torch,
        legacy=legacy,
        after_wrapper=None if torch else after_wrapper,
        nested=partial(_nested, reader.stream),
    )
    return Memory(reader, place, scan, around)


def _torch(reader: Reader, place: str, scan: Scan, begin: int) -> Value:
    """Go on behind the magic number of a file of torch."""
    stream = reader.stream
    if looks_like_tar(stream, begin):
        raise Broken("a tar archive", "It is two kinds of file at once.")
    made: Value = UNKNOWN
    widths: dict[str, int] = {}
    for which in range(1, BEFORE_KEYS):
        m = _memory(reader, place, scan, torch=which == OBJECT, legacy=True)
        made = interpret(m)
        widths = m.storages
    keys = _pickle(reader, place, scan)
    pass_numbers(reader, keys, widths)
    if reader.left:
        raise Broken("more data", "There is something behind its end.")
    return made


def _nested(stream: BinaryIO, m: Memory, data: Value) -> Value:
    """Look into bytes that would be loaded as a file of torch."""
    if isinstance(data, bytes):
        inner: BinaryIO = io.BytesIO(data)
    elif isinstance(data, Blob):
        inner = part(stream, data.offset, data.size)
    else:
        m.refuse(
            Refused(
                "pickle-load", "REDUCE torch.load", "It loads bytes that nobody can see.", LATER
            )
        )
        return UNKNOWN
    budget = m.reader.budget
    place = f"{m.place} → bytes at {m.started}"
    scan = Scan("pickle", Outcome.allowed)
    with budget.deeper():
        value = _pickles(inner, place, budget, scan)
    m.scan.absorb(scan)
    if scan.kind != "torch pickle":
        m.refuse(
            Refused("pickle-load", "REDUCE torch.load", "It loads bytes that are no file of torch.")
        )
        return UNKNOWN
    return value


def _broken(scan: Scan, place: str, reader: Reader, error: Broken) -> None:
    scan.add(
        finding(
            "pickle-broken",
            place,
            error.what,
            f"{error.why} What comes before that would still be executed.",
            offset=min(reader.offset, reader.size),
            remedy=PLAINER,
        )
    )
