"""The entry: many files, limits, cancelling, size, and files that are two kinds at once."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import tracemalloc
from collections.abc import Callable
from typing import BinaryIO

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import OS_SYSTEM, gguf, look_at, rules, unsafe, zipped
from workbench.findings.scan import Outcome, ScanReport
from workbench.scanning.contract import Limits
from workbench.scanning.scan import RULES, scan
from workbench.vocabulary import Verdict


def still() -> float:
    return 0.0


def test_a_report_names_each_file_and_the_worst_decides() -> None:
    files = [("README.md", io.BytesIO(b"# Words\n")), ("m.bin", io.BytesIO(OS_SYSTEM))]
    report = scan(files, clock=still)
    assert [(one.path, one.outcome) for one in report.files] == [
        ("README.md", Outcome.safe),
        ("m.bin", Outcome.unsafe),
    ]
    assert (report.outcome, report.verdict, report.rules) == (Outcome.unsafe, Verdict.failed, RULES)
    assert ScanReport.from_bytes(report.to_bytes()) == report
    assert scan(files[:1], clock=still).verdict is Verdict.passed
    assert scan([], clock=still).verdict is Verdict.unknown
    assert all(one.why.endswith(".") and one.remedy for one in report.files[1].findings)


def test_names_are_shown_and_decide_nothing() -> None:
    for name in ("a.txt", "a.safetensors", "a.png", "\u202e\n\0", "x" * 5000, "a/../b"):
        unsafe(OS_SYSTEM, "pickle-global", name)
        assert look_at(b"hello\n", name).kind in ("text", "template")
    assert look_at(b"", "a.pkl").outcome is Outcome.safe


def test_what_goes_beyond_the_limits_is_unsafe() -> None:
    many = zipped({f"{i}": b"x" for i in range(50)})
    assert rules(look_at(many, steps=20)) == {"too-many-steps"}
    assert rules(look_at(gzip.compress(bytes(1000)), expanded=10)) == {"too-large"}
    assert rules(look_at(gzip.compress(gzip.compress(b"x")), depth=1)) == {"too-deep"}
    times = iter(range(10_000))
    late = scan([("a", io.BytesIO(many))], clock=lambda: next(times), limits=Limits(seconds=5.0))
    assert rules(late.files[0]) == {"too-long"}


def test_a_limit_that_was_met_is_met_for_the_rest() -> None:
    packed = gzip.compress(bytes(3000))
    files = [(str(i), io.BytesIO(packed)) for i in range(3)]
    report = scan(files, clock=still, limits=Limits(expanded=5000))
    assert [one.outcome for one in report.files] == [Outcome.unsafe] * 3
    assert [rules(one) for one in report.files][1:] == [{"too-large"}] * 2


def test_progress_is_told_and_may_cancel() -> None:
    said: list[tuple[str, int, int]] = []
    files = [(name, io.BytesIO(zipped({"x": b"y"}))) for name in ("a", "b")]
    scan(files, clock=still, progress=lambda *one: said.append(one))
    assert said[0] == ("Looking into a", 0, 2)
    assert said[-1][1:] == (2, 2)

    class Cancelled(Exception):
        pass

    def cancel(*_: object) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        scan(files, clock=still, progress=cancel)


def test_progress_is_told_within_long_work() -> None:
    seconds = iter(i / 100 for i in range(10_000_000))
    said: list[str] = []
    data = zipped({f"{i}": b"x" for i in range(300)})
    scan(
        [("a", io.BytesIO(data))],
        clock=lambda: next(seconds),
        progress=lambda what, *_: said.append(what),
    )
    assert len(said) > 5


class Sparse(io.RawIOBase):
    """A stream of any length, with zeros behind what is given; it counts what is read."""

    def __init__(self, start: bytes, size: int, end: bytes = b"") -> None:
        self.start, self.size, self.end = start, size, end
        self.at = self.amount = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.at = (0, self.at, self.size)[whence] + offset
        return self.at

    def tell(self) -> int:
        return self.at

    def read(self, size: int | None = -1, /) -> bytes:
        count = max(0, self.size - self.at)
        count = count if size is None or size < 0 else min(size, count)
        assert count <= 1 << 26, "it reads too much at once"
        data = bytearray(self.start[self.at : self.at + count].ljust(count, b"\0"))
        for i, byte in enumerate(self.end):
            place = self.size - len(self.end) + i - self.at
            if 0 <= place < count:
                data[place] = byte
        self.at += count
        self.amount += count
        return bytes(data)


def test_huge_tensors_cost_next_to_nothing() -> None:
    size = 10 << 30
    header = {"a": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]}}
    raw = json.dumps(header).encode()
    start = struct.pack("<Q", len(raw)) + raw
    stream = Sparse(start, len(start) + size)
    array = b"{'descr': '|u1', 'fortran_order': False, 'shape': (10737418240,), }\n"
    npy = b"\x93NUMPY\x01\0" + struct.pack("<H", len(array)) + array
    other = Sparse(npy, len(npy) + size)
    report = scan([("a", stream), ("b", other)], clock=still)  # type: ignore[list-item]
    assert [one.outcome for one in report.files] == [Outcome.safe, Outcome.safe], report
    assert stream.amount + other.amount < 2 << 20


def peak(data: BinaryIO) -> int:
    tracemalloc.start()
    try:
        scan([("a", data)], clock=still)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_stays_small_for_large_files() -> None:
    array = io.BytesIO()
    np.savez(array, a=np.zeros(8 << 20, np.uint8))
    text = io.BytesIO(b"some words in a line\n" * 400_000)
    for stream in (array, io.BytesIO(pickle.dumps(bytes(8 << 20)))):
        assert peak(stream) < 6 << 20
    assert peak(text) < 150 << 20


ZIP = zipped({"evil": b"hello"})
PNG = b"\x89PNG\r\n\x1a\n" + bytes(50) + b"IEND\xaeB`\x82"
TWO = {
    "zip behind a pickle": pickle.dumps([1]) + ZIP,
    "zip behind weights": struct.pack("<Q", 2) + b"{}" + ZIP,
    "zip behind a template": gguf() + ZIP,
    "zip behind words": b"hello\n" + ZIP,
    "zip behind a picture": PNG + ZIP,
    "zip behind an array": (lambda t: (np.save(t, np.ones(3)), t.getvalue())[1])(io.BytesIO())
    + ZIP,
    "pickle before a zip (picklescan)": OS_SYSTEM + ZIP,
    "zip in a zip's comment": ZIP[:-2] + struct.pack("<H", len(ZIP)) + ZIP,
}


@pytest.mark.parametrize("data", TWO.values(), ids=TWO.keys())
def test_files_of_two_kinds_are_refused(data: bytes) -> None:
    assert look_at(data).outcome is Outcome.unsafe


def test_a_zip_behind_something_is_named_as_such() -> None:
    array = io.BytesIO()
    np.save(array, np.frombuffer(ZIP, np.uint8))
    unsafe(array.getvalue(), "polyglot")
    header = {"a": {"dtype": "U8", "shape": [len(ZIP)], "data_offsets": [0, len(ZIP)]}}
    raw = json.dumps(header).encode()
    unsafe(struct.pack("<Q", len(raw)) + raw + ZIP, "polyglot")


def test_pickles_that_look_like_text_are_pickles() -> None:
    for data in (
        OS_SYSTEM,
        OS_SYSTEM + b"\n# A model card\n",
        b"(S'true'\nios\nsystem\n.",
        b"# a comment is no instruction\n" and b"I1\n0cos\nsystem\n(S'true'\ntR.",
        b"(cos\nsystem\nS'true'\no.",
        b"}cos\nsystem\n(S'{'\ntR0.",
        b"cos\nsystem\n(X\xff",
        b"cos\nsystem\nThen it breaks.",
    ):
        found = unsafe(data, "pickle-global")
        assert "os.system" in found.names


def test_a_pickle_before_numbers_in_a_known_form() -> None:
    """Any marks can be data of an instruction; the rest is what counts."""
    picture = b"GIF89a" + bytes(10) + b";"
    assert look_at(picture).outcome is Outcome.safe
    words = b"x^" + b"cos\nsystem\n."
    assert look_at(words).outcome is Outcome.safe  # 'x' is no instruction


@pytest.mark.parametrize("protocol", range(6))
def test_plain_pickles_are_allowed_by_what_they_hold(protocol: int) -> None:
    value = {"a": [1, 2.5, "x" * 300, b"y", None, True], "b": (1, {2, 3})}
    assert look_at(pickle.dumps(value, protocol)).outcome in (Outcome.allowed, Outcome.safe)


def test_files_of_joblib_and_old_torch_are_allowed() -> None:
    target = io.BytesIO()
    joblib.dump({"a": np.ones((3, 4)), "b": np.arange(3)}, target)
    assert look_at(target.getvalue()).outcome is Outcome.allowed
    target = io.BytesIO()
    torch.save({"a": torch.ones(3)}, target, _use_new_zipfile_serialization=False)
    found = look_at(target.getvalue())
    assert (found.kind, found.outcome) == ("torch pickle", Outcome.allowed)


MAKE: dict[str, Callable[[], bytes]] = {
    "zip": lambda: zipped({"a.txt": b"hello", "b/c": gzip.compress(b"x")}, 8),
    "pickle": lambda: pickle.dumps({"a": [1, 2, 3]}),
    "gzip": lambda: gzip.compress(b"hello there, hello"),
    "npy": lambda: (lambda t: (np.save(t, np.ones(3)), t.getvalue())[1])(io.BytesIO()),
    "json": lambda: json.dumps({"class_name": "Dense", "config": {"a": [1]}}).encode(),
    "gguf": lambda: gguf({"tokenizer.chat_template": "{{ x }}"}, {"a": 4}),
}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(MAKE)), st.data())
def test_no_change_to_a_file_is_too_much(kind: str, data: st.DataObject) -> None:
    """Whatever is changed, cut out or put together: there is an answer, within small limits."""
    whole = MAKE[kind]()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 8)))
    other = MAKE[data.draw(st.sampled_from(sorted(MAKE)))]()
    middle = data.draw(st.binary(max_size=6) | st.just(other))
    found = look_at(whole[:start] + middle + whole[end:], steps=200_000, expanded=1 << 20)
    assert found.outcome in Outcome
    assert found.reason
