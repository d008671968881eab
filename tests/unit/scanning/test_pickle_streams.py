"""Raw numbers between pickles, as joblib and torch write them: accounted for in every reading."""

from __future__ import annotations

import pickle
import struct

import pytest

from tests.unit.scanning.pickling import (
    FLOATS,
    OBJECTS,
    RUN,
    assert_unsafe,
    dtype_state,
    named,
    scanned,
    text,
    whole,
)
from workbench.findings.scan import Outcome


def wrapped(state: dict[str, bytes]) -> bytes:
    entries = b"".join(text(key) + value for key, value in state.items())
    return named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}(" + entries + b"ub"


STATE = {
    "subclass": named("numpy", "ndarray"),
    "shape": b"K\x02\x85",
    "order": text("C"),
    "dtype": FLOATS,
    "allow_mmap": b"\x88",
    "numpy_array_alignment_bytes": b"K\x10",
}
OLD = {key: value for key, value in STATE.items() if not key.startswith("numpy")}
NUMBERS = struct.pack("<2d", 1.0, 2.0)


def test_raw_arrays_of_joblib() -> None:
    """Read to the byte; read as instructions, as ``pickle.load`` would, they do nothing."""
    content = whole(wrapped(STATE), b"\x02\xff\xff", NUMBERS)
    assert scanned(content).outcome is Outcome.allowed
    assert scanned(whole(wrapped(OLD), NUMBERS)).outcome is Outcome.allowed
    assert_unsafe(whole(wrapped(STATE), b"\x20" + bytes(32), NUMBERS), rule="pickle-broken")
    assert_unsafe(whole(wrapped(STATE), b"\x02\xff\xff", NUMBERS[:-1]), rule="pickle-broken")
    assert_unsafe(whole(wrapped(STATE | {"read": named("numpy", "mean")}), b"\0", NUMBERS))
    assert_unsafe(whole(wrapped(STATE | {"dtype": text("f8")}), b"\0", NUMBERS))
    assert_unsafe(whole(wrapped(STATE | {"shape": b"J\xff\xff\xff\xff\x85"}), b"\0", NUMBERS))


RAW = {
    "a short text": struct.pack("<3d", *[1 / 3] * 3),  # whose bytes are all U but the last
    "an extension": b"\x83\1\2" + bytes(13),
    "a persistent id": b"N0]QP\n" + bytes(10),
    "a buffer": b"\x97" + bytes(15),
    "an entry": b"K\1K\2s" + bytes(11),
    "an item": b"K\1a" + bytes(13),
    "a state": b"}K\1K\2sb" + bytes(9),
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
def test_raw_numbers_change_nothing_of_the_model_around_them(raw: bytes) -> None:
    """Read as instructions they would fill the model; ``joblib.load`` passes over them."""
    state = OLD | {"shape": b"K" + bytes([len(raw) // 8]) + b"\x85"}
    model = named("sklearn.dummy", "DummyClassifier") + b")\x81}("
    filled = text("prior") + wrapped(state) + raw + text("strategy") + text("prior") + b"ub"
    assert scanned(whole(model, filled)).outcome is Outcome.allowed


def test_raw_numbers_that_are_instructions_for_pickle_load() -> None:
    hidden = b"cos\nsystem\n" + RUN + b"\x85R."
    numbers = hidden + bytes(-len(hidden) % 8)
    state = OLD | {"shape": b"K" + bytes([len(numbers) // 8]) + b"\x85"}
    assert_unsafe(whole(wrapped(state), numbers), rule="pickle-global")


def test_objects_of_joblib_read_in_both_ways() -> None:
    """Within, the memo starts anew for joblib, and goes on for ``pickle.load``."""
    outer = text("os") + b"\x940" + text("system") + b"\x940"
    inner = whole(text("a") + b"\x94" + text("b") + b"\x94" + b"\x86")
    state = STATE | {"dtype": OBJECTS + dtype_state(flags=63)}
    assert scanned(whole(outer, wrapped(state), inner)).outcome is Outcome.allowed
    inner = whole(text("a") + b"\x940" + text("b") + b"\x940h\0h\x01\x93" + RUN + b"\x85R")
    assert_unsafe(whole(outer, wrapped(state), inner), rule="pickle-global")


def test_torch_streams_that_are_tar_archives_too() -> None:
    block = bytearray(512)
    start = pickle.dumps(0x1950A86A20F9469CFC6C, 2)
    block[: len(start)] = start
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    assert_unsafe(bytes(block), rule="pickle-broken")
