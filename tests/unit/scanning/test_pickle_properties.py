"""What holds for any bytes: no crash, bounded work, and never *allowed* for what asks for more.

The unpicklers of Python are what the scanner is measured against: both of them are run, with
everything a pickle asks for replaced by something inert.
"""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
from collections import OrderedDict
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from tests.unit.scanning.pickling import START, data, named, now_named, requests, scanned, text
from workbench.findings.scan import Outcome
from workbench.scanning import machine, reader
from workbench.scanning.allowlist import ALLOWED
from workbench.scanning.contract import Budget, Exhausted, Limits
from workbench.scanning.memory import CROSSED
from workbench.scanning.pickles import scan_pickles
from workbench.scanning.quick import THOROUGH

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=300)
    | st.binary(max_size=300),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.lists(inner).map(tuple)
    ),
    max_leaves=40,
)


@given(PLAIN, st.integers(0, 5))
def test_plain_data_is_allowed(value: Any, protocol: int) -> None:
    """Whatever the protocol; up to 2, bytes are written as a call of a codec."""
    scan = scanned(pickle.dumps(value, protocol))
    assert scan.outcome is Outcome.allowed
    assert scan.names <= {"_codecs.encode", "builtins.bytes"}


@given(st.lists(PLAIN, max_size=5), st.integers(1500, 4000))
def test_the_windows_on_a_stream_make_no_difference(values: list[Any], piece: int) -> None:
    content = b"".join(pickle.dumps(value) for value in [*values, list(range(3000))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "PIECE", piece)
        assert scanned(content).outcome is Outcome.allowed


@cache
def models() -> tuple[bytes, ...]:
    rows = np.random.RandomState(0).randn(20, 2)
    kinds = (rows[:, 0] > 0).astype(int)
    held = [
        LogisticRegression().fit(rows, kinds),
        DecisionTreeClassifier(max_depth=1).fit(rows, np.where(kinds, "a", "b")),
        OrderedDict(a={1, 2}, b=np.array(["x", 1], dtype=object), c=np.int64(1)),
    ]
    return tuple(pickle.dumps(value, protocol) for value in held for protocol in (0, 2, 4, 5))


def said(content: bytes) -> tuple[Outcome, bool, set[tuple[str, str]], set[str]]:
    scan = scanned(content)
    broken = any(one.rule == "pickle-broken" for one in scan.findings)
    others = {(one.rule, one.what) for one in scan.findings if one.rule != "pickle-broken"}
    return scan.outcome, broken, others, scan.names


ROWS = [[[1], [2.5, None]], [(1,), (1, 2), (1, "a", 2.0)], [["a"], ["a", 1]], {"__class__": []}]


@given(
    st.sampled_from(models()) | (PLAIN | st.sampled_from(ROWS)).map(pickle.dumps),
    st.lists(st.tuples(st.integers(0, 1000), st.binary(max_size=3)), max_size=3),
)
@settings(max_examples=300)
def test_frequent_instructions_mean_the_same_without_haste(
    content: bytes, changes: list[tuple[int, bytes]]
) -> None:
    for place, new in changes:
        place %= len(content)
        content = content[:place] + new + content[place + 1 :]
    quick = said(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(machine, "STEPS", THOROUGH)
        slow = said(content)
    # A text and what remembers it are one step in haste. No pickler ends a frame between them; one
    # that does so is reported as crossed.
    assert quick[2] - slow[2] <= {("pickle-odd", CROSSED)}
    assert slow[2] <= quick[2]
    assert (quick[1], quick[3]) == (slow[1], slow[3])
    assert quick[0] is slow[0] or quick[2] != slow[2]


def assert_no_more_than_listed(content: bytes) -> None:
    scan = scanned(content)
    scan.of_file("a.pkl").to_bytes()
    if scan.outcome is Outcome.unsafe:
        assert scan.findings
        return
    for python in (False, True):
        protocol = content[1] if content[:1] == b"\x80" else 0
        asked = {now_named(*pair, protocol) for pair in requests(content, python)}
        assert asked <= ALLOWED.keys()
        assert {".".join(pair) for pair in asked} <= scan.names


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 11), st.data())
def test_changed_pickles(which: int, draw: st.DataObject) -> None:
    content = bytearray(models()[which])
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(content) - 1))
        how = draw.draw(st.sampled_from(["change", "insert", "delete", "repeat"]))
        if how == "change":
            content[at] = draw.draw(st.integers(0, 255))
        elif how == "insert":
            content[at:at] = draw.draw(st.binary(min_size=1, max_size=8))
        elif how == "delete":
            del content[at : at + draw.draw(st.integers(1, 8))]
        else:
            content[at:at] = content[at : at + draw.draw(st.integers(1, 30))]
        if not content:
            return
    assert_no_more_than_listed(bytes(content))


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes(content: bytes) -> None:
    assert_no_more_than_listed(content)


PIECES = st.sampled_from(
    [
        *(bytes([op]) for op in b"()]}NtlduesabRo02.1e"),
        *(bytes([op]) for op in (0x81, 0x85, 0x86, 0x87, 0x88, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94)),
        *(bytes([op, at]) for op in b"hq" for at in range(4)),
        *(
            text(word)
            for word in ("builtins", "list", "os", "system", "set", "numpy", "dtype", "f8")
        ),
        *(text(word) for word in ("collections", "OrderedDict", "eval", "__class__", "copyreg")),
        named("builtins", "list"),
        named("builtins", "eval"),
        named("collections", "OrderedDict"),
        named("copyreg", "_reconstructor"),
        named("sklearn.linear_model._base", "LinearRegression"),
        named("numpy", "dtype"),
        named("_codecs", "encode"),
        data(b"x"),
        b"K\x01",
        b"G" + struct.pack(">d", 1.0),
        b"\x80\x02",
        b"\x80\x04",
        b"\x95" + struct.pack("<Q", 8),
        b"ios\nsystem\n",
        b"I01\n",
        b"Vset\n",
        b"S'list'\n",
        b"g0\n",
        b"p1\n",
    ]
)


@settings(max_examples=1500, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_random_programs(pieces: list[bytes]) -> None:
    assert_no_more_than_listed(START + b"".join(pieces) + b".")


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_nothing_is_asked_for_unseen(pieces: list[bytes]) -> None:
    """What Python asks for before it fails is in what was found, or the scan failed before."""
    content = START + b"".join(pieces) + b"."
    scan = scanned(content)
    if not any(found.rule == "pickle-broken" or found.what == CROSSED for found in scan.findings):
        for python in (False, True):
            asked = {".".join(pair) for pair in requests(content, python)}
            assert asked <= scan.names


NESTED = START + b"]\x94" + b"(h\0h\0h\0h\0t\x94" * 2000


@pytest.mark.parametrize(
    "content",
    {
        "many lists": START + b"]" * 300_000 + b".",
        "many marks": START + b"(" * 300_000 + b".",
        "deep tuples": START + b"N" + b"\x85" * 300_000 + b".",
        "tuples of tuples": START + b"N" + b"2\x86" * 100_000 + b".",
        "doubling lists": START + b"](" + b"h\0" * 100 + b"e.",
        "a web": NESTED + b".",
        "many memo entries": START + b"N" + b"\x94" * 300_000 + b".",
        "a long line": START + b"I" + b"1" * 300_000 + b"\n.",
        "a long name": START + b"c" + b"a" * 300_000 + b"\nb\n.",
        "long numbers": START + (b"\x8a\xff" + b"\x7f" * 255) * 5000 + b".",
    }.values(),
)
def test_bombs_cost_little(content: bytes) -> None:
    """Memory stays within a small multiple of what was read; nothing is walked through."""
    tracemalloc.start()
    try:
        scanned(content)
        _, most = tracemalloc.get_traced_memory()
    except Exhausted:
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 130 * len(content) + 8_000_000


class Large(io.RawIOBase):
    """A stream of a pickled block of zeros, as large as wanted, that is nowhere in memory."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.head = START + b"\x8e" + struct.pack("<Q", size)
        self.size = len(self.head) + size + 1
        self.at = 0
        self.taken = 0

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self.at = {io.SEEK_SET: 0, io.SEEK_CUR: self.at, io.SEEK_END: self.size}[whence] + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int = -1, /) -> bytes:
        size = max(min(size, self.size - self.at), 0)
        start, self.at = self.at, self.at + size
        self.taken += size
        block = self.head[start : start + size].ljust(size, b"\0")
        return block[:-1] + b"." if size and self.at == self.size else block


def test_a_terabyte() -> None:
    """What is long is passed over, so size costs nothing."""
    stream: Any = Large(1 << 40)
    scan = scan_pickles(stream, "a", Budget(lambda: 0.0))
    assert scan.outcome is Outcome.allowed
    assert stream.taken < 1 << 20


def test_limits() -> None:
    content = pickle.dumps([(i, str(i)) for i in range(100_000)])
    with pytest.raises(Exhausted, match="steps"):
        scanned(content, limits=Limits(steps=100_000))
    seconds = iter(range(1000))
    with pytest.raises(Exhausted, match="seconds"):
        scan_pickles(
            io.BytesIO(content), "a", Budget(lambda: float(next(seconds)), Limits(seconds=2))
        )


def test_cancelling_passes_through() -> None:
    class Stopped(Exception):
        pass

    def tick() -> None:
        raise Stopped

    with pytest.raises(Stopped):
        scan_pickles(io.BytesIO(pickle.dumps(1)), "a", Budget(lambda: 0.0, tick=tick))


def test_files_within_files_have_an_end() -> None:
    content = START + b"N."
    for _ in range(12):
        call = named("torch.storage", "_load_from_bytes") + data(content) + b"\x85R"
        content = START + call + b"."
    with pytest.raises(Exhausted, match="depth"):
        scanned(content)
