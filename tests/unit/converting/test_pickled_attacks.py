"""Hostile programs: nothing of them runs, whether they were looked into before or not."""

from __future__ import annotations

import builtins
import io
import os
import pickle
import struct
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import joblib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpus.everything import benign
from tests.corpus.judging import report
from tests.corpus.sample import Benign, built
from tests.unit.converting import samples
from tests.unit.converting.making import dumped, looked_into, refused, saved
from tests.unit.scanning.building import zipped
from tests.unit.scanning.pickling import called, data, named, stacked, text, whole
from workbench.converting import pickled
from workbench.converting.pickled import PROGRAMS, load, unpacked
from workbench.errors import TrustError, Unavailable, WorkbenchError
from workbench.findings.scan import Outcome
from workbench.scanning.allowlist import ALLOWED, ATTRIBUTES
from workbench.scanning.compressed import COMPRESSED

LINEAR = samples.LinearRegression().fit(samples.FULL, samples.AMOUNT)
BOTH = ("pickle", "joblib pickle")


class Payload:
    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.canary}",)


def in_storage(payload: Payload) -> bytes:
    return whole(called(stacked("torch.storage", "_load_from_bytes"), data(pickle.dumps(payload))))


def old_storage(payload: Payload) -> bytes:
    """The five parts of an old file of torch, in bytes that a tensor would hold."""
    magic, version, machine = 0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}
    parts = (magic, version, machine, payload, [])
    inner = b"".join(pickle.dumps(part, 2) for part in parts)
    return whole(called(stacked("torch.storage", "_load_from_bytes"), data(inner)))


def in_torch(payload: Payload) -> bytes:
    members = {"a/data.pkl": pickle.dumps(payload, 2), "a/version": b"3\n"}
    return zipped(members)


def in_an_array(payload: Payload) -> bytes:
    return dumped(np.array([payload], dtype=object))


ATTACKS: dict[str, tuple[str, Callable[[Payload], bytes]]] = {
    **{f"protocol {n}": ("pickle", lambda one, n=n: pickle.dumps(one, n)) for n in range(6)},
    "joblib": ("joblib pickle", dumped),
    "an array of objects": ("joblib pickle", in_an_array),
    "in a list": ("joblib pickle", lambda one: dumped([np.eye(2), {"a": one}])),
    "in a storage": ("pickle", in_storage),
    "in a storage, old form": ("pickle", old_storage),
    "torch": ("torch zip", in_torch),
    "torch, old form": ("torch pickle", lambda one: saved(one, zipfile=False)),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_hostile_files_never_run(name: str, tmp_path: Path) -> None:
    """Not even where the look is left out; by the library's own loader each of them does."""
    kind, build = ATTACKS[name]
    content = build(Payload(tmp_path / "canary"))
    assert looked_into(content).outcome is Outcome.unsafe
    refused(content, kind)
    for other in PROGRAMS:  # a program for one kind may be a mere number for another
        with suppress(TrustError):
            load(io.BytesIO(content), other, ALLOWED.keys())
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attacks_are_real(name: str, tmp_path: Path) -> None:
    kind, build = ATTACKS[name]
    stream = io.BytesIO(build(Payload(tmp_path / "canary")))
    with suppress(Exception):  # of some it is too late by then
        torch.load(stream, weights_only=False) if "torch" in kind else joblib.load(stream)
    assert (tmp_path / "canary").exists()


def test_names_are_compared_as_they_are() -> None:
    """No dots are followed, nothing is a prefix, and a refused name is shown harmlessly."""
    for module, name in [
        ("os", "system"),
        ("builtins", "eval"),
        ("numpy", "ndarray.tofile"),
        ("numpy.", "ndarray"),
        ("collections", "OrderedDict.fromkeys"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper.read"),
        ("torch.storage", "_load_from_bytes.__globals__"),
        ("workbench.converting.pickled", "_storage"),
        ("numpy", "nd\x1b[31marray"),
    ]:
        message = refused(whole(stacked(module, name)), "pickle")
        assert "is not known" in message
        assert "\x1b" not in message


def test_attributes_are_those_on_the_list_alone() -> None:
    """A name on the list that could lead anywhere is made one that does not."""
    assert set(ATTRIBUTES) == {("zoneinfo", "ZoneInfo", "_unpickle")}
    reached = load(io.BytesIO(whole(stacked("builtins", "getattr"))), "pickle", ALLOWED.keys())
    assert reached is not getattr

    class Close(ZoneInfo):
        """Has the attribute, and is another class."""

    wrong: list[Any] = [(os, "system"), (ZoneInfo, "__init__"), (ZoneInfo, "__dict__")]
    for holder, name in [*wrong, (Close, "_unpickle"), (ZoneInfo("UTC"), "_unpickle")]:
        with pytest.raises(TrustError, match="a part of something"):
            reached(holder, name)
    zone = ZoneInfo("UTC")
    assert load(io.BytesIO(pickle.dumps(zone)), "pickle", ALLOWED.keys()) is zone


def test_no_names_at_all() -> None:
    """What may be asked for is what the caller gives, and nothing here adds to it."""
    for content in (pickle.dumps(LINEAR), dumped(np.eye(2))):
        refused(content, "joblib pickle", frozenset())
    assert load(io.BytesIO(pickle.dumps({"a": [1, None]})), "pickle", ()) == {"a": [1, None]}


def test_kinds_that_nobody_loads() -> None:
    for kind in ("zip", "npy with objects", "gzip of pickle", "", "pickle of pickle"):
        assert "kind of file" in refused(pickle.dumps(1), kind)


def test_what_is_not_there_is_named() -> None:
    """A package that is missing, and a part of one that this version does not have."""
    names = {("no_such_package.inner", "Model"), ("collections", "NoSuchThing")}
    for (module, name), match in zip(
        sorted(names), ("NoSuchThing", "no_such_package"), strict=True
    ):
        with pytest.raises(Unavailable, match=match):
            load(io.BytesIO(whole(stacked(module, name))), "pickle", names)


def wrapper(**changes: Any) -> bytes:
    """A joblib file whose array is described otherwise, with 16 bytes of numbers behind it."""
    given = {
        "subclass": np.ndarray,
        "shape": (2,),
        "order": "C",
        "dtype": np.dtype("f8"),
        "allow_mmap": False,
        "numpy_array_alignment_bytes": None,
        **changes,
    }
    state = pickle.dumps(given, 3)[2:-1]
    target = named("joblib.numpy_pickle", "NumpyArrayWrapper")
    return b"\x80\x03" + target + b")\x81" + state + b"b" + struct.pack("<2d", 1, 2) + b"."


def test_a_described_array() -> None:
    np.testing.assert_array_equal(load(io.BytesIO(wrapper()), "joblib pickle", ALLOWED), [1.0, 2.0])


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": (3,)},
        {"shape": (10**15,)},
        {"shape": (2**62, 2**62)},
        {"shape": (-2,)},
        {"shape": (True, 2)},
        {"shape": [2]},
        {"shape": 2},
        {"order": "K"},
        {"dtype": "f8"},
        {"dtype": np.dtype("O")},
        {"numpy_array_alignment_bytes": 16},
    ],
    ids=str,
)
def test_arrays_that_are_not_there(changes: dict[str, Any]) -> None:
    """No more memory is asked for than there are bytes."""
    refused(wrapper(**changes), "joblib pickle")


@pytest.mark.parametrize("kind", PROGRAMS)
@pytest.mark.parametrize("content", [b"", b"\0" * 99, b"PK\x03\x04", b"\x80\x04", b"[" * 10**4])
def test_what_is_no_program_is_refused(kind: str, content: bytes) -> None:
    refused(content, kind)


@pytest.mark.parametrize("form", COMPRESSED)
@pytest.mark.parametrize("content", [b"\x1f", b"\0" * 99, b"\x1f\x8b", b"\x78\x9c" + b"\xff" * 40])
def test_what_cannot_be_unpacked(form: str, content: bytes) -> None:
    with pytest.raises(TrustError) as caught:
        unpacked(io.BytesIO(content), f"{form} of pickle", io.BytesIO())
    assert caught.value.step == "model content"


def test_more_than_can_be_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pickled, "MOST", 10_000)
    into = io.BytesIO()
    with pytest.raises(TrustError, match="more data"):
        unpacked(io.BytesIO(zlib.compress(b"\0" * 10**7)), "zlib of pickle", into)
    assert into.tell() <= 10_000


def test_something_behind_the_end_of_zlib() -> None:
    with pytest.raises(TrustError, match="cannot be unpacked"):
        unpacked(io.BytesIO(zlib.compress(b"a") + b"b"), "zlib of pickle", io.BytesIO())


def test_a_tree_that_leads_out_of_itself() -> None:
    """Known names only, and numbers that would crash whoever predicts with it."""
    tree = samples.RandomForestClassifier(1, random_state=0).fit(samples.FULL, samples.Y)[0]
    state = tree.tree_.__getstate__()
    state["nodes"]["left_child"][0] = 10**8
    tree.tree_.__setstate__(state)
    content = pickle.dumps(tree)
    assert looked_into(content).outcome is Outcome.allowed
    with pytest.raises(TrustError, match="decision tree") as caught:
        load(io.BytesIO(content), "pickle", ALLOWED.keys())
    assert caught.value.step == "model content"


# Properties ---------------------------------------------------------------------------------------


class Watched:
    """Which modules a load imports by name, as the interpreter sees it."""

    def __init__(self) -> None:
        self.asked: set[tuple[str, str]] = set()
        self.running = False
        sys.addaudithook(self.heard)  # there is no taking it off; it listens only when it is told

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.running and event == "pickle.find_class":
            self.asked.add(arguments)
        if self.running and event in ("os.system", "subprocess.Popen", "os.exec", "exec.code"):
            raise AssertionError(event)


WATCHED = Watched()


def only_known_is_asked(content: bytes, kind: str, asked: tuple[str, ...]) -> bool:
    """Load; tell whether it worked, once nothing was asked for but known names."""
    WATCHED.asked.clear()
    WATCHED.running = True
    try:
        load(io.BytesIO(content), kind, ALLOWED.keys(), asked)
        worked = True
    except WorkbenchError:
        worked = False
    finally:
        WATCHED.running = False
    assert WATCHED.asked <= ALLOWED.keys()
    return worked


@pytest.mark.parametrize("sample", benign(), ids=lambda sample: sample.name)
def test_what_is_allowed_is_loaded_or_refused(sample: Benign, tmp_path: Path) -> None:
    """Of the files that people make every day."""
    paths = built(sample, tmp_path)
    for path, found in zip(paths, report(paths, tmp_path / sample.name).files, strict=True):
        if found.outcome is not Outcome.allowed or found.kind not in PROGRAMS:
            continue
        worked = only_known_is_asked(path.read_bytes(), found.kind, found.names)
        assert worked or found.kind == "torch pickle"


PIECES = st.sampled_from(
    [
        *(stacked(module, name) for module, name in [
            ("builtins", "set"), ("builtins", "list"), ("collections", "OrderedDict"),
            ("collections", "deque"), ("numpy", "dtype"), ("numpy", "ndarray"),
            ("numpy._core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "scalar"),
            ("joblib.numpy_pickle", "NumpyArrayWrapper"), ("copyreg", "_reconstructor"),
            ("torch.storage", "_load_from_bytes"), ("builtins", "eval"), ("os", "system"),
        ]),
        *(text(value) for value in ("f8", "a", "latin1", "1+1")),
        *(data(value) for value in (b"", b"b", b"\0" * 8)),
        *(bytes([code]) for code in b"()]}NtRb\x81\x85\x86\x87\x93\x94aeusl0120\x88"),
        b"K\x00", b"K\x01", b"h\x00", b"h\x01",
    ]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=14))
def test_whatever_a_pickle_says(pieces: list[bytes]) -> None:
    """Looked into or not, allowed or not: only known names are asked for, and none is refused
    in another way than by an error of this package."""
    content = whole(*pieces)
    found = looked_into(content)
    if found.outcome is Outcome.allowed and found.kind in PROGRAMS:
        only_known_is_asked(content, found.kind, found.names)


@settings(max_examples=150)
@given(st.sampled_from(BOTH), st.data())
def test_changed_bytes(kind: str, chosen: st.DataObject) -> None:
    """A file with a byte changed is loaded only if it is still allowed, and then by known names."""
    content = bytearray(CONTENT[kind])
    content[chosen.draw(st.integers(0, len(content) - 1))] = chosen.draw(st.integers(0, 255))
    found = looked_into(bytes(content))
    if found.outcome is Outcome.allowed and found.kind in PROGRAMS:
        only_known_is_asked(bytes(content), found.kind, found.names)


CONTENT = {"pickle": pickle.dumps(LINEAR), "joblib pickle": dumped(LINEAR)}


def test_the_library_is_not_asked_to_open_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading works on the stream that was looked into, and opens no file by a name."""
    content = dumped(LINEAR)

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("opened")

    monkeypatch.setattr(builtins, "open", forbidden)
    monkeypatch.setattr(io, "open", forbidden)
    assert load(io.BytesIO(content), "joblib pickle", ALLOWED.keys()) is not None
