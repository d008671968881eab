"""Pickles that would run something: every one is refused, and says what it asks for.

All are written instruction by instruction; nothing here is ever loaded.
"""

from __future__ import annotations

import pickle
import struct

import pytest

from tests.unit.scanning.pickling import (
    ARRAY,
    FLOATS,
    LIST,
    MADE,
    MODEL,
    OBJECTS,
    RUN,
    START,
    STORED,
    SYSTEM,
    VOID,
    assert_unsafe,
    called,
    data,
    dtype_state,
    entry,
    named,
    nested,
    scanned,
    stacked,
    text,
    whole,
)
from workbench.findings.scan import Outcome

# What is refused, and under which rule.
ATTACKS: dict[str, tuple[bytes, str]] = {
    # Names that are hidden.
    "a name from the memo": (
        text("os") + b"\x940" + text("system") + b"\x940h\0h\x01\x93" + b"(" + RUN + b"tR",
        "pickle-global",
    ),
    "a memo written over": (
        text("builtins") + b"q\0" + text("os") + b"q\x000h\0" + text("system") + b"\x93",
        "pickle-global",
    ),
    "a name built by a call": (
        text("os") + called(named("_codecs", "encode"), text("system"), text("latin1")) + b"\x93",
        "pickle-hidden",
    ),
    "a name of bytes": (data(b"os") + data(b"system") + b"\x93", "pickle-hidden"),
    "a long name": (
        b"X\xc8\0\0\0" + b"o" * 200 + text("system") + b"\x93",
        "pickle-hidden",
    ),
    "an extension": (b"\x82\x01", "pickle-hidden"),
    "a wide extension": (b"\x84\x01\0\0\0", "pickle-hidden"),
    "a persistent id": (b"Pabc\n", "pickle-hidden"),
    "a persistent id from the stack": (text("x") + b"Q", "pickle-hidden"),
    "a buffer that is elsewhere": (b"\x97", "pickle-hidden"),
    "wide letters": (stacked("ｏｓ", "system"), "pickle-global"),
    "letters without width": (stacked("o\u200bs", "system"), "pickle-global"),
    "letters of another alphabet": (stacked("builtins", "ѕet"), "pickle-global"),
    "half a character": (stacked("builtins\ud800", "set"), "pickle-global"),
    "a line end in a name": (stacked("os\r", "system"), "pickle-global"),
    "direction changed": (stacked("\u202esys", "modules"), "pickle-global"),
    "an attribute of a class": (stacked("numpy", "ndarray.tofile"), "pickle-global"),
    "an attribute of a module": (stacked("numpy", "core.multiarray.scalar"), "pickle-global"),
    "the parts in one": (stacked("numpy.ndarray", ""), "pickle-global"),
    "nothing": (stacked("", ""), "pickle-global"),
    # Calls of what may not be called.
    "a value called": (called(text("x"), RUN), "pickle-result"),
    "a result called": (called(called(LIST), RUN), "pickle-result"),
    "an instance called": (called(MADE, RUN), "pickle-result"),
    "a model with arguments": (called(MODEL, RUN), "pickle-call"),
    "a model made with arguments": (MODEL + RUN + b"\x85\x81", "pickle-call"),
    "a model made with names": (MODEL + b")}" + text("C") + b"K\x01s\x92", "pickle-call"),
    "arguments in a list": (LIST + b"]R", "pickle-call"),
    "a function called": (called(named("numpy", "log1p"), RUN), "pickle-call"),
    "a type called": (called(named("builtins", "str"), RUN), "pickle-call"),
    "much memory": (called(named("builtins", "bytearray"), b"J\0\0\0\x7f"), "pickle-call"),
    "much memory, by way of a range": (
        called(LIST, called(named("builtins", "range"), b"J\0\0\0\x7f")),
        "pickle-call",
    ),
    "a value made": (text("x") + b")\x81", "pickle-call"),
    "an unusual encoding": (
        called(named("_codecs", "encode"), text("x"), text("zlib")),
        "pickle-call",
    ),
    "a default that is called": (
        called(named("collections", "defaultdict"), named("numpy", "mean")),
        "pickle-call",
    ),
    "a base that is called": (
        called(named("copyreg", "_reconstructor"), MODEL, named("builtins", "int"), text("1")),
        "pickle-call",
    ),
    "an instance of a function": (
        called(
            named("copyreg", "_reconstructor"),
            named("numpy", "mean"),
            named("builtins", "object"),
            b"N",
        ),
        "pickle-call",
    ),
    "a generator that calls": (
        called(named("numpy.random._pickle", "__generator_ctor"), RUN, named("numpy", "mean")),
        "pickle-call",
    ),
    "a bit generator that is none": (
        called(named("numpy.random._pickle", "__bit_generator_ctor"), MODEL),
        "pickle-call",
    ),
    "an index of no index": (
        called(named("pandas.core.indexes.base", "_new_Index"), MODEL, b"}"),
        "pickle-call",
    ),
    "an index with arguments": (
        called(named("pandas", "Index"), RUN),
        "pickle-call",
    ),
    "a tensor of no storage": (
        called(named("torch._utils", "_rebuild_tensor_v2"), MADE, b"K\0", b")", b")"),
        "pickle-call",
    ),
    # States.
    "the state of a class": (MODEL + b"}b", "pickle-state"),
    "the state of a function": (named("numpy", "mean") + b"}b", "pickle-state"),
    "the state of a list": (b"]}b", "pickle-state"),
    "the class of an instance": (
        MADE + b"}" + text("__class__") + LIST + b"sb",
        "pickle-state",
    ),
    "how an instance is filled": (
        MADE + b"}" + text("__setstate__") + named("numpy", "mean") + b"sb",
        "pickle-state",
    ),
    "slots": (MADE + b"N}" + text("a") + b"K\x01s\x86b", "pickle-state"),
    "a name nobody can see": (MADE + b"}" + data(b"C") + b"K\x01sb", "pickle-state"),
    "a state that is no dictionary": (MADE + b"K\x01b", "pickle-state"),
    "the state of what is complete": (called(LIST) + b"}b", "pickle-state"),
    "slots within a tuple": (
        named("numpy.random._pcg64", "PCG64") + b")\x81}" + text("__class__") + b"NsN\x86b",
        "pickle-state",
    ),
    # Items.
    "adding to a model": (MADE + b"K\x01a", "pickle-items"),
    "adding many to a model": (MADE + b"(K\x01K\x02e", "pickle-items"),
    "adding to a function": (named("numpy", "mean") + b"K\x01a", "pickle-items"),
    "an entry of a model": (MADE + text("a") + b"K\x01s", "pickle-items"),
    "a member of a model": (MADE + b"(K\x01\x90", "pickle-items"),
    "an entry of a list": (b"]" + text("a") + b"K\x01s", "pickle-items"),
    # Arrays that take bytes for addresses.
    "objects hidden": (OBJECTS + dtype_state(flags=0), "pickle-objects"),
    "objects made up": (FLOATS + dtype_state(flags=63), "pickle-objects"),
    "objects of bytes": (
        ARRAY
        + b"(K\x01K\x01\x85"
        + OBJECTS
        + dtype_state(flags=63)
        + b"\x89"
        + data(b"A" * 8)
        + b"tb",
        "pickle-objects",
    ),
    "bytes of a list": (ARRAY + b"(K\x01K\x01\x85" + FLOATS + b"\x89]tb", "pickle-objects"),
    "too few bytes": (
        ARRAY + b"(K\x01K\x09\x85" + FLOATS + b"\x89" + data(b"A" * 8) + b"tb",
        "pickle-array",
    ),
    "a field of objects hidden": (
        VOID + dtype_state(flags=0, fields=entry("a", OBJECTS, 0)),
        "pickle-objects",
    ),
    "a field outside": (VOID + dtype_state(flags=0, fields=entry("a", FLOATS, 4)), "pickle-array"),
    "a subarray outside": (
        VOID + dtype_state(flags=0, base=FLOATS + b"K\x02\x85\x86"),
        "pickle-array",
    ),
    "a type changed later": (
        FLOATS + b"\x94" + dtype_state(flags=0) + dtype_state(flags=0),
        "pickle-array",
    ),
    "a type that all use": (
        called(named("numpy", "dtype"), text("f8")) + dtype_state(flags=0),
        "pickle-array",
    ),
    "a type by an odd name": (called(named("numpy", "dtype"), text("f8,O8")), "pickle-array"),
    "a number of objects": (
        called(named("numpy.core.multiarray", "scalar"), OBJECTS, data(b"A" * 8)),
        "pickle-call",
    ),
    "an array over objects": (
        called(
            named("numpy.core.numeric", "_frombuffer"),
            data(b"A" * 8),
            OBJECTS,
            b"K\x01\x85",
            text("C"),
        ),
        "pickle-call",
    ),
    "an array of no array": (
        called(named("numpy.core.multiarray", "_reconstruct"), MODEL, b"K\0\x85", data(b"b")),
        "pickle-call",
    ),
    # Files within.
    "a pickle within": (nested(whole(called(SYSTEM, RUN))), "pickle-global"),
    "something else within": (nested(b"PK\x03\x04" + bytes(60)), "pickle-load"),
    "a plain pickle within": (nested(whole(b"N")), "pickle-load"),
    "bytes nobody can see": (
        called(named("torch.storage", "_load_from_bytes"), called(named("builtins", "bytes"))),
        "pickle-load",
    ),
    "a loader that is kept": (
        MADE + b"}" + text("func") + named("torch.storage", "_load_from_bytes") + b"sb",
        "pickle-call",
    ),
    "a loader in a list": (b"]" + named("torch.storage", "_load_from_bytes") + b"a", "pickle-call"),
    "a loader in a pair": (named("torch.storage", "_load_from_bytes") + b"N\x86", "pickle-call"),
    # Broken, or read in two ways: what comes before is executed all the same.
    "no end": (called(SYSTEM, RUN)[:-1] + b"R" + b"\xff", "pickle-global"),
    "an unknown instruction": (b"\xff", "pickle-broken"),
    "an empty stack": (b"", "pickle-broken"),
    "a mark that is missing": (b"Nt", "pickle-broken"),
    "a value below a mark": (b"N(\x85", "pickle-broken"),
    "a memo that is empty": (b"h\x05", "pickle-broken"),
    "a negative place": (b"Np-1\n", "pickle-broken"),
    "a place far away": (b"Nr\xff\xff\xff\x7f", "pickle-odd"),
    "places left out": (b"Nq\x05N\x94", "pickle-odd"),
    "a number with underscores": (b"I1_0\n", "pickle-odd"),
    "a number in another base": (b"I0x10\n", "pickle-odd"),
    "a text without quotes": (b"Sabc\n", "pickle-broken"),
    "a negative length": (b"T\xff\xff\xff\xff", "pickle-broken"),
    "a negative long length": (b"\x8b\xff\xff\xff\xff", "pickle-broken"),
    "a length beyond the end": (b"\x8e" + struct.pack("<Q", 1 << 62), "pickle-broken"),
    "a number beyond the end": (b"\x8b\xff\xff\xff\x7f", "pickle-broken"),
    "no text": (b"\x8c\x01\xff", "pickle-broken"),
    "a name that is no text": (b"c\xff\nx\n", "pickle-broken"),
    "an unknown version": (b"\x80\x06N", "pickle-broken"),
    "a frame beyond the end": (b"\x95" + struct.pack("<Q", 1 << 40) + b"N", "pickle-odd"),
    "an end within a frame": (b"\x95\x05\0\0\0\0\0\0\0N.NNNN", "pickle-broken"),
    "frames that overlap": (
        b"\x95\x20\0\0\0\0\0\0\0N0\x95\x02" + bytes(7) + b"N" * 40,
        "pickle-odd",
    ),
    "a name that goes beyond its frame": (  # the unpickler in C would read another name
        b"\x95\x08\0\0\0\0\0\0\0" + named("builtins", "list"),
        "pickle-odd",
    ),
    "a text that goes beyond its frame": (
        b"\x95\x04\0\0\0\0\0\0\0" + text("abcdefgh"),
        "pickle-odd",
    ),
    "bytes that go beyond their frame": (
        b"\x95\x06\0\0\0\0\0\0\0" + data(b"a" * 5000),
        "pickle-odd",
    ),
    "numbers that go beyond their frame": (
        b"\x95\x05\0\0\0\0\0\0\0](K\x01K\x02e",
        "pickle-odd",
    ),
    "keys without a value": (b"}(Nu", "pickle-broken"),
}


@pytest.mark.parametrize("kind", ATTACKS)
def test_attacks(kind: str) -> None:
    content, rule = ATTACKS[kind]
    assert_unsafe(whole(content), rule=rule)


def test_what_comes_before_an_error_is_reported() -> None:
    scan = scanned(whole(called(SYSTEM, RUN), b"0h\x63"))
    assert {found.rule for found in scan.findings} >= {
        "pickle-global",
        "pickle-call",
        "pickle-broken",
    }
    assert "os.system" in scan.names


def test_what_comes_after_the_end_is_reported() -> None:
    scan = scanned(pickle.dumps([1]) + whole(called(SYSTEM, RUN)))
    assert "os.system" in scan.names
    assert scan.outcome is Outcome.unsafe


@pytest.mark.parametrize(
    "identity",
    {
        "no tuple": text("storage"),
        "another word": b"(" + text("module") + named("torch", "FloatStorage") + b"NNNt",
        "no storage": b"(" + text("storage") + MODEL + text("0") + text("cpu") + b"K\x02t",
        "too short": b"(" + STORED[:-2] + b"t",
        "a key that is no text": b"(" + STORED.replace(text("0"), b"K\0") + b"t",
    }.values(),
)
def test_persistent_ids_of_torch(identity: bytes) -> None:
    assert_unsafe(whole(identity, b"Q"), torch=True, rule="pickle-hidden")
    assert scanned(whole(b"(" + STORED + b"tQ"), torch=True).outcome is Outcome.allowed
    assert_unsafe(whole(b"(" + STORED + b"tQ"), rule="pickle-hidden")


def test_more_behind_the_pickle_of_torch() -> None:
    assert_unsafe(whole(b"N") + whole(b"N"), torch=True, rule="pickle-broken")


def test_strange_names_can_be_shown() -> None:
    scan = scanned(whole(stacked("ｏｓ\u202e\x00", "sуstem")))
    shown = scan.of_file("\u202ea\x00.pkl")
    assert shown.findings[0].what.isascii()
    assert all(name.isascii() and name.isprintable() for name in shown.names)
    assert shown.path.isprintable()


def test_findings_are_bounded() -> None:
    many = b"".join(named("os", f"a{i}") + b"0" for i in range(30_000))
    scan = scanned(START + many + b"N.")
    shown = scan.of_file("a.pkl")
    assert (len(shown.findings), len(shown.names)) == (200, 200)
    assert shown.dropped + len(shown.findings) >= 20_000
    assert len(shown.to_bytes()) < 200_000
