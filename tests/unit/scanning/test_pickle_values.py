"""Values beside models: paths, time zones, records, identifiers; and keys that never end."""

from __future__ import annotations

import pickle
import uuid
from collections import Counter, OrderedDict
from pathlib import PurePosixPath, PureWindowsPath
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.unit.scanning.pickling import assert_unsafe, called, named, scanned, stacked, text, whole
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.hashing import DEEPEST

RECORDS = np.rec.array([(1, 2.0, "a")], dtype=[("a", "i4"), ("b", "f8"), ("c", "U4")])
VALUES = [
    *(ZoneInfo("Europe/Berlin"), ZoneInfo("UTC"), pd.Timestamp("2025-01-01", tz="Asia/Tokyo")),
    *(uuid.UUID(int=7), PurePosixPath("a/b"), PureWindowsPath("c:/d"), RECORDS, RECORDS[:0]),
    *({(1, (2, 3)): 4}, {frozenset({1, (2, "a")}): 1}, {((), frozenset())}, Counter("aab")),
    OrderedDict({(n, n + 1): n for n in range(2000)}),
    {(n, (n, n)) for n in range(2000)},
]


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_beside_models_are_allowed(value: object, protocol: int) -> None:
    found = scanned(pickle.dumps(value, protocol))
    assert (found.outcome, found.findings) == (Outcome.allowed, [])


def test_zones_of_pytz_are_asked_for_by_a_name() -> None:
    zone = named("pytz", "_p")
    known = scanned(whole(called(zone, text("Europe/Rome"), b"K\x01", b"K\0", text("CET"))))
    assert known.outcome is Outcome.allowed
    for other in (text("../../etc/passwd"), b"K\x01", b""):
        assert_unsafe(whole(called(zone, other)), rule="pickle-call")


GETATTR = stacked("builtins", "getattr")
ZONE = stacked("zoneinfo", "ZoneInfo")
MAKE = called(GETATTR, ZONE, text("_unpickle"))


@pytest.mark.parametrize(
    "body",
    [
        called(GETATTR, ZONE, text("__init_subclass__")),
        called(GETATTR, ZONE, text("no_cache")),
        called(GETATTR, named("builtins", "object"), text("_unpickle")),
        called(GETATTR, stacked("os", "path"), text("_unpickle")),
        called(GETATTR, ZONE, text("_unpickle"), b"N"),
        called(GETATTR, MAKE, text("_unpickle")),
        called(ZONE, text("UTC")),
        called(MAKE, text("../../etc/passwd"), b"K\x01"),
        called(MAKE, text("/etc/passwd"), b"K\x01"),
        called(MAKE, text("UTC"), b"K\x02"),
        called(MAKE, b"]", b"K\x01"),
        b"](" + MAKE + b"e",
        b"](" + GETATTR + b"e",
        called(stacked("pathlib", "PurePosixPath"), b"]"),
        called(stacked("pathlib", "Path.home")),
        called(stacked("numpy", "record"), b"K\x01"),
        called(stacked("numpy", "dtype"), stacked("numpy", "ndarray"), b"\x89\x88"),
    ],
    ids=range(17),
)
def test_they_are_made_in_no_other_way(body: bytes) -> None:
    assert scanned(whole(body)).outcome is Outcome.unsafe


def test_records_hide_no_objects() -> None:
    objects = np.rec.array([(None,)], dtype=[("a", "O")])
    assert scanned(pickle.dumps(objects)).outcome is Outcome.allowed
    data = pickle.dumps(RECORDS, 2)
    for old, new in ((b"i4", b"O8"), (b"K\x1c", b"K\x1b"), (b"K\x04", b"K\x7f")):
        assert old in data
        assert scanned(data.replace(old, new)).outcome is Outcome.unsafe


def test_distributions_of_scipy_are_refused() -> None:
    """They are loaded by running a text that is in their state."""
    found = scanned(pickle.dumps(stats.uniform(0, 1)))
    assert found.outcome is Outcome.unsafe
    assert any("rv_continuous_frozen" in one.what for one in found.findings)


def test_a_path_to_keep_results_in_is_a_concern() -> None:
    for folder in ("cache", "cache" * 100, PurePosixPath("cache")):
        model = make_pipeline(LogisticRegression())
        model.memory = folder
        found = scanned(pickle.dumps(model))
        assert [(one.rule, one.level) for one in found.findings] == [
            ("pickle-memory", Level.concern)
        ]


def test_numbers_made_up_on_purpose_are_spoken_of() -> None:
    from_tree = scanned(whole(stacked("sklearn.tree._tree", "Tree")))
    assert from_tree.outcome is Outcome.allowed
    assert "could still crash" in from_tree.reason
    assert "could still crash" not in scanned(whole(b"N")).reason


DOUBLED = b"2\x86"  # a tuple of the last value, twice
FROZEN = stacked("builtins", "frozenset")


@pytest.mark.parametrize(
    "body",
    [
        b"})" + DOUBLED * 60 + b"Ns",
        b"}()" + DOUBLED * 60 + b"Nu",
        b"()" + DOUBLED * 60 + b"Nd",
        b"\x8f()" + DOUBLED * 60 + b"\x90",
        b"()" + DOUBLED * 60 + b"\x91",
        b"})" + b"\x85" * 100_000 + b"Ns",
        b"})" + b"222\x87" * 3 + DOUBLED * 60 + b"Ns",
        # a frozen set of a pair of the one before it, again and again
        b"}N" + b"\x85q\x00" + b"(h\x00h\x00\x86\x91q\x00" * 60 + b"Ns",
        # by way of calls
        b")" + DOUBLED * 60 + b"q\x00" + called(FROZEN, b"](h\x00e"),
        b")" + DOUBLED * 60 + b"q\x00" + called(FROZEN, b"](" + b")\x85" * 70_000 + b"h\x00e"),
        b")" + DOUBLED * 60 + b"q\x00" + called(FROZEN, b"h\x00\x85"),
        b")"
        + DOUBLED * 60
        + b"q\x00"
        + called(stacked("builtins", "set"), b"(" + b"h\x00" * 70 + b"t"),
        b"}N" + b"q\x00" + (stacked("builtins", "slice") + b"(h\x00h\x00h\x00tRq\x00") * 60 + b"Ns",
        b"}N"
        + b"q\x00"
        + (stacked("builtins", "slice") + b"h\x00h\x00h\x00\x87\x81q\x00") * 60
        + b"Ns",
    ],
    ids=range(14),
)
def test_keys_that_never_end_are_refused(body: bytes) -> None:
    found = scanned(whole(body))
    assert found.outcome is Outcome.unsafe
    assert "pickle-endless" in {one.rule for one in found.findings}


def test_keys_of_long_tuples_that_never_end_are_refused() -> None:
    body = b"N" + b"q\x00" + (b"(" + b"h\x00" * 70 + b"tq\x00") * 30
    assert scanned(whole(body)).outcome is Outcome.allowed  # nobody hashes it
    assert scanned(whole(b"}" + body + b"Ns")).outcome is Outcome.unsafe


def test_many_heavy_keys_cost_no_more_than_a_limit() -> None:
    key = b")" + DOUBLED * 14 + b"q\x00"
    found = scanned(whole(b"}" + key + b"N" + b"s" + b"h\x00Ns" * 100))
    assert found.outcome is Outcome.allowed
    deep = b"})" + b"\x85" * (DEEPEST - 5) + b"Ns"
    assert scanned(whole(deep)).outcome is Outcome.allowed
