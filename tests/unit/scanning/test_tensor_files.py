"""safetensors, GGUF and the models of boosters: numbers accounted for to the last byte."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import lightgbm
import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.scanning.building import gguf, look_at, rules, text, unsafe
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome


def safetensors(header: object, data: bytes = b"") -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + data


def tensor(start: int, end: int, dtype: str = "F32", shape: list[int] | None = None) -> object:
    return {
        "dtype": dtype,
        "shape": [(end - start) // 4] if shape is None else shape,
        "data_offsets": [start, end],
    }


GOOD = safetensors({"a": tensor(0, 8), "b": tensor(8, 24, shape=[2, 2])}, bytes(24))


def test_proper_safetensors_are_safe() -> None:
    for data in (
        GOOD,
        safetensors(b'{"a":{"dtype":"F16","shape":[],"data_offsets":[0,2]}}   ', bytes(2)),
        safetensors(
            {"__metadata__": {"format": "pt"}, "z": tensor(0, 0), "a": tensor(0, 4)}, bytes(4)
        ),
        safetensors({}),
    ):
        found = look_at(data)
        assert (found.kind, found.outcome, found.findings) == ("safetensors", Outcome.safe, ())


BAD = {
    "overlap": safetensors({"a": tensor(0, 8), "b": tensor(4, 12)}, bytes(12)),
    "hole": safetensors({"a": tensor(0, 8), "b": tensor(12, 16)}, bytes(16)),
    "hole at the start": safetensors({"a": tensor(4, 8)}, bytes(8)),
    "more data": GOOD + b"x",
    "less data": GOOD[:-1],
    "size": safetensors({"a": tensor(0, 8, shape=[3])}, bytes(8)),
    "type": safetensors({"a": tensor(0, 8, "F128")}, bytes(8)),
    "negative": safetensors({"a": tensor(0, 8, shape=[-1, -2])}, bytes(8)),
    "true is no number": safetensors({"a": tensor(0, 4, shape=[True])}, bytes(4)),
    "backwards": safetensors({"a": tensor(8, 0)}, bytes(8)),
    "extra key": safetensors({"a": {**tensor(0, 4), "x": 1}}, bytes(4)),  # type: ignore[dict-item]
    "metadata is no text": safetensors({"__metadata__": {"a": 1}}),
    "twice": safetensors(b'{"a":{},"a":{}}'),
    "no JSON": safetensors(b"{nothing}"),
    "not UTF-8": safetensors(b'{"\xff":1}'),
    "a list": safetensors(b"{" + b"[" * 100_000),
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_refuses_other_safetensors(data: bytes) -> None:
    found = unsafe(data, "damaged")
    assert found.kind == "safetensors"


@pytest.mark.parametrize("length", [0x0280, 0x0480, 0x8B1F, 0x5D, 0x0178, 0x9C78, 0x5A42, 0x4D5A])
def test_the_length_of_a_header_may_look_like_another_mark(length: int) -> None:
    """It stands at the very start: of pickles, gzip, LZMA, zlib, programs."""
    named = {"a": tensor(0, 8)}
    header = json.dumps(named).encode().ljust(length)
    found = look_at(safetensors(header, bytes(8)))
    assert (found.kind, found.outcome, found.findings) == ("safetensors", Outcome.safe, ())


def test_odd_metadata_are_a_concern() -> None:
    packed = "gASVJwAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU"
    for value in (packed, "x" * 70_000):
        found = look_at(safetensors({"__metadata__": {"a": value}}))
        assert [one.level for one in found.findings] == [Level.concern]
        assert found.outcome is Outcome.safe


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=3))
def test_changed_safetensors_are_handled(at: int, patch: bytes) -> None:
    assert look_at(GOOD[:at] + patch + GOOD[at + len(patch) :]).outcome in Outcome


TEMPLATE = {"tokenizer.chat_template": "{% for m in messages %}{{ m['content'] }}{% endfor %}"}


def test_proper_gguf_files_are_safe() -> None:
    for data in (gguf(), gguf(TEMPLATE, {"a": 8, "b": 3}), gguf({}, {"a": 1})):
        found = look_at(data)
        assert (found.kind, found.outcome) == ("gguf", Outcome.safe), found


def test_templates_in_gguf_files_are_read() -> None:
    """CVE-2024-34359: rendered without a sandbox, this ran any program."""
    evil = "{{ ''.__class__.__mro__[1].__subclasses__() }}"
    unsafe(gguf({"tokenizer.chat_template": evil}), "template")
    unsafe(gguf({"tokenizer.chat_template.tools": evil}), "template")
    for words, outcome in (
        (["default", "tools"], Outcome.safe),
        (["default", evil], Outcome.unsafe),
    ):
        listed = struct.pack("<IIQ", 9, 8, len(words)) + b"".join(map(text, words))
        head = struct.pack("<4sIQQ", b"GGUF", 3, 0, 1)
        assert look_at(head + text("tokenizer.chat_templates") + listed).outcome is outcome


def at(offset: int, form: str, value: int) -> Callable[[bytearray], None]:
    return lambda data: struct.pack_into(form, data, offset, value)


def appended(raw: bytes) -> Callable[[bytearray], None]:
    return lambda data: data.extend(raw)


SETTING = text("x") + struct.pack("<I", 9)
GGUFS = {
    "version": gguf(change=at(4, "<I", 1)),
    "many settings": gguf(change=at(16, "<Q", 1 << 60)),
    "many tensors": gguf(change=at(8, "<Q", 1 << 60)),
    "long name": gguf({"a": "b"}, change=at(24, "<Q", 1 << 63)),
    "long text": gguf({"a": "b"}, change=at(37, "<Q", 1 << 40)),
    "unknown type": gguf({"a": "b"}, change=at(33, "<I", 77)),
    "offset": gguf({}, {"a": 8}, change=at(49, "<Q", 32)),
    "huge shape": gguf({}, {"a": 8}, change=at(37, "<Q", 1 << 62)),
    "cut off": gguf({}, {"a": 8})[:-1],
    "more data": gguf({}, {"a": 8}) + b"x",
    "list of lists": gguf(
        change=lambda d: (at(16, "<Q", 1)(d), d.extend(SETTING + struct.pack("<IQ", 9, 1)))
    ),  # type: ignore[func-returns-value]
    "list longer than the file": gguf(
        change=lambda d: (at(16, "<Q", 1)(d), d.extend(SETTING + struct.pack("<IQ", 8, 1 << 61)))  # type: ignore[func-returns-value]
    ),
    "numbers longer than the file": gguf(
        change=lambda d: (at(16, "<Q", 1)(d), d.extend(SETTING + struct.pack("<IQ", 10, 1 << 61)))  # type: ignore[func-returns-value]
    ),
}


@pytest.mark.parametrize("data", GGUFS.values(), ids=GGUFS.keys())
def test_refuses_other_gguf_files(data: bytes) -> None:
    unsafe(data, "damaged")


def test_refuses_a_setting_that_comes_twice() -> None:
    data = bytearray(gguf({"ab": "x", "ac": "y"}))
    data[data.index(b"ac") + 1] = ord("b")
    unsafe(bytes(data), "damaged")


BASE = gguf(TEMPLATE, {"a": 8, "b": 3})


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(BASE) - 1), st.binary(min_size=1, max_size=8))
def test_changed_gguf_files_are_handled(place: int, patch: bytes) -> None:
    assert look_at(BASE[:place] + patch + BASE[place + len(patch) :]).outcome in Outcome


@pytest.fixture(scope="module")
def boosted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("boosted")
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3))
    y = (x[:, 0] > 0).astype(int)
    model = xgboost.XGBClassifier(n_estimators=3, max_depth=2, n_jobs=1).fit(x, y)
    model.save_model(folder / "m.ubj")
    model.save_model(folder / "m.json")
    options = {"verbose": -1, "num_threads": 1}
    lightgbm.train(options, lightgbm.Dataset(x, y), 3).save_model(folder / "m.txt")
    return folder


def test_models_of_boosters_are_safe(boosted: Path) -> None:
    kinds = {"m.ubj": "xgboost ubjson", "m.json": "xgboost json", "m.txt": "lightgbm"}
    for name, kind in kinds.items():
        found = look_at((boosted / name).read_bytes())
        assert (found.kind, found.outcome) == (kind, Outcome.safe)


def test_refuses_other_ubjson(boosted: Path) -> None:
    data = (boosted / "m.ubj").read_bytes()
    unsafe(data[:-1], "damaged")
    unsafe(data + b"x", "damaged")
    start = data[: data.index(b"learner") + 7]
    unsafe(start + b"[$d#L" + struct.pack(">q", 1 << 60), "damaged")
    unsafe(start + b"[$Z#L" + struct.pack(">q", 1 << 60) + b"x", "damaged")
    unsafe(start + b"[$S#L" + struct.pack(">q", 1 << 60), "damaged")
    unsafe(start + b"SL" + struct.pack(">q", -1), "damaged")
    unsafe(start + b"[" * 1000, "damaged")


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_changed_ubjson_is_handled(place: int, patch: bytes) -> None:
    data = (
        b"{L" + struct.pack(">q", 7) + b"learner[$d#L" + struct.pack(">q", 90) + bytes(360) + b"}"
    )
    assert look_at(data).outcome is Outcome.safe
    changed = look_at(data[:place] + patch + data[place + len(patch) :])
    assert changed.outcome in Outcome


def test_catboost_models_have_to_fit() -> None:
    assert look_at(b"CBM1" + struct.pack("<I", 4) + b"\xff\0\0\0").outcome is Outcome.safe
    assert "damaged" in rules(look_at(b"CBM1" + struct.pack("<I", 4000) + b"\xff\0\0\0"))
