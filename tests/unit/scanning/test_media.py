"""Pictures, variables of MATLAB, databases: as long as they say, and nothing in them acts."""

from __future__ import annotations

import io
import pickle
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import OS_SYSTEM, budget, look_at, rules, unsafe, zipped
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.sqlite_pages import Pages


def bmp(rows: bytes = bytes(16)) -> bytes:
    """Four pixels of 32 bits (BITMAPINFOHEADER)."""
    info = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 32, 0, len(rows), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IIII", 54 + len(rows), 0, 54, 40)[:12] + info + rows


def tiff(order: str = "<", *, large: bool = False, following: int = 0) -> bytes:
    """One directory of three entries, the last one's value standing before it."""
    mark = b"II" if order == "<" else b"MM"
    head = mark + struct.pack(
        order + ("HHHQ" if large else "HI"), *((43, 8, 0, 24) if large else (42, 16))
    )
    number, count = ("Q", "Q") if large else ("I", "H")
    value = struct.pack(order + "II", 300, 1)
    at = len(head)
    entries = [(256, 4, 1, 2), (257, 4, 1, 2), (282, 5, 1, at)]
    body = struct.pack(order + count, len(entries))
    for tag, kind, values, place in entries:
        body += struct.pack(order + "HH" + number * 2, tag, kind, values, place)
    return head + value + body + struct.pack(order + number, following)


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
                    for name, data in chunks or [(b"VP8L", b"\x2f\0\0")])  # fmt: skip
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


PICTURES = {
    "bmp": bmp(),
    "tiff": tiff(),
    "tiff of Motorola": tiff(">"),
    "large tiff": tiff(large=True),
    "large tiff of Motorola": tiff(">", large=True),
    "webp": webp(),
    "webp of chunks": webp((b"VP8X", bytes(10)), (b"ICCP", b"abc"), (b"VP8 ", bytes(9))),
}
each = pytest.mark.parametrize("name", PICTURES)


@each
def test_pictures_are_safe(name: str) -> None:
    found = look_at(PICTURES[name])
    assert (found.outcome, found.findings) == (Outcome.safe, ()), found
    assert found.kind in name


@each
def test_pictures_that_are_cut_off_or_go_on_are_refused(name: str) -> None:
    unsafe(PICTURES[name][:-1], "damaged")
    unsafe(PICTURES[name] + zipped({"a": OS_SYSTEM}), "polyglot")
    if "tiff" not in name:  # whose parts may lie anywhere
        unsafe(PICTURES[name] + b"x", "damaged")


def test_pictures_that_point_outside_are_refused() -> None:
    for order in "<>":
        plain = tiff(order)
        unsafe(plain.replace(struct.pack(order + "I", 16) + plain[8:9], b"\xff" * 5, 1), "damaged")
        unsafe(tiff(order, following=16), "damaged")  # a ring
        unsafe(tiff(order, following=1 << 30), "damaged")
        far = struct.pack(order + "HHII", 282, 5, 1 << 20, 8)
        unsafe(plain.replace(struct.pack(order + "HHII", 282, 5, 1, 8), far), "damaged")
        many = struct.pack(order + "HHHI", 5000, 256, 4, 1)
        unsafe(plain.replace(struct.pack(order + "HHHI", 3, 256, 4, 1), many), "damaged")
    unsafe(bmp().replace(struct.pack("<I", 54), struct.pack("<I", 99), 1), "damaged")
    broken = webp((b"VP8 ", bytes(8)))
    unsafe(broken[:16] + struct.pack("<I", 7 << 8) + broken[20:], "damaged")


def test_a_file_of_hdf5_in_a_picture_is_found() -> None:
    """The HDF5 library looks for it further on."""
    target = io.BytesIO()
    with h5py.File(target, "w", userblock_size=512) as file:
        file.attrs["a"] = 1
    data = bytearray(target.getvalue())
    data[: len(tiff())] = tiff()
    unsafe(bytes(data), "polyglot")


def test_words_are_not_taken_for_pictures() -> None:
    for data in (b"BM is short for body mass\n", b"II*a\n", b"RIFF\n", b"MATLAB 5.0 MAT-file\n"):
        assert look_at(data).kind == "text"


@each
@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 120), patch=st.binary(min_size=1, max_size=4))
def test_changed_pictures_are_handled(name: str, at: int, patch: bytes) -> None:
    data = PICTURES[name]
    assert look_at(data[:at] + patch + data[at + len(patch) :]).outcome in Outcome


VARIABLES = {
    "numbers": np.arange(6.0).reshape(2, 3),
    "none": np.zeros((0, 3)),
    "cube": np.ones((2, 2, 2), "f4"),
    "integers": np.array([1, -2], "i8"),
    "truths": np.array([True, False]),
    "complex": np.array([1 + 2j, 3]),
    "text": "Grüße",
    "texts": np.array(["ab", "cde"]),
    "empty": "",
    "cells": np.array(["a", 1, [1, 2]], dtype=object),
    "structure": {"x": 1, "y": {"z": [1, 2, 3]}},
    "records": np.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]),
    "sparse": scipy.sparse.csc_matrix(np.eye(3)),
    "sparse complex": scipy.sparse.csc_matrix(np.eye(3) * 1j),
}


def mat(*, packed: bool = False, **variables: object) -> bytes:
    target = io.BytesIO()
    scipy.io.savemat(target, variables, do_compression=packed)
    data = bytearray(target.getvalue())
    data[:116] = data[:20].ljust(116)  # the day and the platform
    return bytes(data)


@pytest.mark.parametrize("packed", [False, True])
def test_variables_of_matlab_are_safe(packed: bool) -> None:
    for name, value in VARIABLES.items():
        found = look_at(mat(packed=packed, value=value))
        assert (found.kind, found.outcome, found.findings) == ("mat", Outcome.safe, ()), name
    everything = mat(packed=packed, **{n.replace(" ", "_"): v for n, v in VARIABLES.items()})
    assert look_at(everything).outcome is Outcome.safe


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<2I", kind, len(data)) + data + bytes(-len(data) % 8)


def variable(kind: int, *parts: bytes, shape: bytes = struct.pack("<2i", 1, 1)) -> bytes:
    """A variable of a class: its flags, its shape, its name and what else it has."""
    flags = element(6, struct.pack("<2I", kind, 0))
    return element(14, flags + element(5, shape) + element(1, b"a") + b"".join(parts))


HEAD = b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + b"\0\1IM"
NUMBER = element(9, struct.pack("<d", 1.0))


@pytest.mark.parametrize(
    ("made", "what"),
    [
        (variable(3, element(1, b"inline")), "an object inline"),
        (variable(16, variable(6, NUMBER)), "a function"),
        (element(14, element(6, struct.pack("<2I", 17, 0)) + element(1, b"a")), "an object"),
        (variable(1, variable(16, variable(6, NUMBER))), "a function"),
        (variable(2, element(5, struct.pack("<i", 2)), element(1, b"f\0"),
                  variable(3, element(1, b"k"))), "an object k"),
    ],
)  # fmt: skip
def test_what_code_of_matlab_stands_behind_is_refused(made: bytes, what: str) -> None:
    for data in (HEAD + made, HEAD + pack(made)):
        (found,) = unsafe(data, "mat-code").findings
        assert found.what == what
    unsafe(HEAD[:116] + b"\0\1" + bytes(6) + HEAD[124:] + variable(6, NUMBER), "mat-code")


def pack(made: bytes) -> bytes:
    data = zlib.compress(made)
    return struct.pack("<2I", 15, len(data)) + data


def nested(depth: int) -> bytes:
    made = variable(6, NUMBER)
    for _ in range(depth):
        made = variable(1, made)
    return made


MATS = {
    "cut off": variable(6, NUMBER)[:-8],
    "something after": variable(6, NUMBER) + b"x" * 8,
    "no variable": element(9, NUMBER),
    "packed number": pack(NUMBER),
    "packed twice": pack(pack(variable(6, NUMBER))),
    "two in one": pack(variable(6, NUMBER) * 2),
    "damaged": pack(variable(6, NUMBER))[:-3] + b"xyz",
    "more numbers": variable(6, element(9, bytes(16))),
    "no numbers": variable(6),
    "numbers twice": variable(6, NUMBER, NUMBER),
    "unknown numbers": variable(6, element(8, bytes(8))),
    "unknown class": variable(18, NUMBER),
    "no class": variable(0, NUMBER),
    "negative shape": variable(6, NUMBER, shape=struct.pack("<2i", -1, -1)),
    "no shape": variable(6, NUMBER, shape=b"\1\0\0\0"),
    "short flags": element(14, element(6, b"") + element(5, bytes(8)) + element(1, b"a") + NUMBER),
    "short names": variable(2, element(5, b""), element(1, b"f")),
    "cell without": variable(1),
    "cell of numbers": variable(1, NUMBER),
    "fields without": variable(2, element(5, struct.pack("<i", 2)), element(1, b"f\0")),
    "fields of nothing": variable(2, element(5, struct.pack("<i", 0)), element(1, b"")),
    "deep": nested(40),
    "long short part": struct.pack("<HH", 14, 5) + b"abcd",
}


@pytest.mark.parametrize("made", MATS.values(), ids=MATS.keys())
def test_variables_that_are_damaged_are_refused(made: bytes) -> None:
    assert rules(unsafe(HEAD + made, "damaged")) == {"damaged"}


def test_sparse_truths_as_matlab_writes_them_are_fine() -> None:
    places = element(5, struct.pack("<i", 0)) + element(5, struct.pack("<2i", 0, 1))
    assert look_at(HEAD + variable(0x205, places + element(9, b"\1"))).outcome is Outcome.safe


def test_nested_cells_are_fine() -> None:
    assert look_at(HEAD + nested(20)).outcome is Outcome.safe


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 300), patch=st.binary(min_size=1, max_size=4))
def test_changed_variables_are_handled(at: int, patch: bytes) -> None:
    data = HEAD + nested(2) + pack(variable(4, element(16, b"a")))
    assert look_at(data[:at] + patch + data[at + len(patch) :]).outcome in Outcome


def database(*statements: str, size: int = 4096, encoding: str = "UTF-8") -> bytes:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.execute(f"PRAGMA page_size = {size}")
        opened.execute(f"PRAGMA encoding = '{encoding}'")
        for one in statements:
            opened.execute(one)
        return opened.serialize()


ROWS = ("CREATE TABLE t (a, b)", "INSERT INTO t VALUES (1, 'x')", "CREATE INDEX i ON t (a)")
WIDE = ", ".join(f"column_{n} TEXT" for n in range(80))
MANY = tuple(f"CREATE TABLE t{n} ({WIDE})" for n in range(120))


@pytest.mark.parametrize("size", [512, 4096, 65536])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_databases_of_rows_are_safe(size: int, encoding: str) -> None:
    for statements in (ROWS, ROWS + MANY, ("CREATE TABLE t (a)", "DROP TABLE t", "VACUUM")):
        found = look_at(database(*statements, size=size, encoding=encoding))
        assert (found.kind, found.outcome, found.findings) == ("sqlite", Outcome.safe, ())


@pytest.mark.parametrize("size", [512, 4096])
@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
def test_statements_that_are_kept_are_told_of(size: int, encoding: str) -> None:
    kept = (
        "CREATE VIEW seen AS SELECT a FROM t",
        "CREATE TRIGGER acts AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "CREATE VIRTUAL TABLE words USING fts5(x)",
    )
    found = look_at(database(*ROWS, *MANY, *kept, size=size, encoding=encoding))
    assert found.outcome is Outcome.safe
    assert {one.level for one in found.findings} == {Level.note}
    assert {one.what for one in found.findings} == {
        "a view seen", "a trigger acts", "a virtual table words"}  # fmt: skip


def test_pickles_in_a_database_are_looked_into() -> None:
    """Shelves and caches keep them as values, which they open without asking."""
    long = pickle.dumps(["x" * 9000])[:-1] + b"0" + OS_SYSTEM
    plain = pickle.dumps({"a": 1.5})
    for table in ("t (k TEXT, v BLOB)", "t (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID"):
        create = f"CREATE TABLE {table}"
        fill = "INSERT INTO t VALUES ('{}', x'{}')"
        rows = [fill.format(n, (plain if n % 7 else b"\x01\x02").hex()) for n in range(300)]
        found = look_at(database(create, *rows, size=512))
        assert found.outcome is Outcome.allowed, found
        for evil in (OS_SYSTEM, long, b"cos\nsystem\n."):
            for at in (0, 150, 300):
                hidden = [*rows[:at], fill.format("x", evil.hex()), *rows[at:]]
                seen = unsafe(database(create, *hidden, size=512), "pickle-global")
                assert seen.findings[0].where == "file → t"
    texts = "INSERT INTO t VALUES ('cos\nsystem\n(S''true''\ntR.', 'country\nname\nRwanda\n')"
    unsafe(database("CREATE TABLE t (a, b)", texts), "pickle-global")
    words = "INSERT INTO t VALUES ('country\nname\nRwanda\n', x'00')"
    assert look_at(database("CREATE TABLE t (a, b)", words)).outcome is Outcome.safe


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.binary(max_size=3000), st.text(max_size=900), st.integers(-9, 1 << 62)),
             max_size=30),
    st.sampled_from([512, 1024, 4096]), st.booleans())  # fmt: skip
def test_rows_are_those_that_were_written(
    rows: list[tuple[bytes, str, int]], size: int, flat: bool
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        opened.execute(f"PRAGMA page_size = {size}")
        form = "WITHOUT ROWID" if flat else ""
        opened.execute(f"CREATE TABLE t (a, b, c, n INTEGER PRIMARY KEY) {form}")
        numbered = [(*row, n) for n, row in enumerate(rows)]
        opened.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", numbered)
        data = opened.serialize()
    pages = Pages(io.BytesIO(data), budget())
    (schema,) = pages.rows(1)
    first = int.from_bytes(schema[3][1], "big")
    found = sorted((values[flat][1], values[flat + 1][1]) for values in pages.rows(first))
    assert found == sorted((a, b.encode("utf-8", "surrogatepass")) for a, b, _ in rows)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[:-1],
    "a page less": lambda data: data[:-4096],
    "something after": lambda data: data + b"x",
    "a page more": lambda data: data + bytes(4096),
    "odd pages": lambda data: data[:16] + b"\x10\1" + data[18:],
    "odd version": lambda data: data[:18] + b"\3" + data[19:],
    "odd schema": lambda data: data[:100] + b"\x02" + data[101:],
    "a row outside": lambda data: data[:108] + b"\xff\xff" + data[110:],
    "only its header": lambda data: data[:100],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_databases_that_are_damaged_are_refused(change: Callable[[bytes], bytes]) -> None:
    unsafe(change(database(*ROWS)), "damaged")


def test_changed_databases_are_handled() -> None:
    data = database(*ROWS, size=512)
    for at in range(100, 512):
        for value in (0, 5, 255):
            changed = data[:at] + bytes([value]) + data[at + 1 :]
            assert look_at(changed).outcome in Outcome


def test_zeros_behind_a_photograph_are_nothing() -> None:
    photograph = b"\xff\xd8\xff\xe0" + bytes(60) + b"\xff\xd9"
    for more in (b"", b"\0", bytes(9)):
        assert look_at(photograph + more).outcome is Outcome.safe
    for more in (b"x", bytes(99), b"PK\3\4"):
        unsafe(photograph + more, "damaged")
