"""Content in low bits is found in every usual layout; honest numbers give no alarm."""

from __future__ import annotations

import os
from typing import Any, NoReturn

import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC
from torch import nn

from tests.unit.hidden.samples import PAYLOADS, hide, table, weights
from workbench.findings.finding import Level
from workbench.findings.hidden import HiddenReport
from workbench.hidden.arrays import Held, arrays_of
from workbench.hidden.looking import look
from workbench.hidden.payloads import Layout, extract, recognise

DIGITS = load_digits(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)


def rules(report: HiddenReport) -> list[str]:
    return [one.rule for one in report.alarms]


class TestContent:
    @pytest.mark.parametrize("bits", [1, 2, 4, 8, 12, 16, 24])
    @pytest.mark.parametrize("high", [True, False])
    @pytest.mark.parametrize("columns", [True, False])
    def test_text_in_every_layout(self, bits: int, high: bool, columns: bool) -> None:
        """Written by another implementation, read by ours."""
        array = hide(weights(), table(60), bits, high=high, columns=columns)
        found = look({"layer": array}).alarms
        assert [one.rule for one in found if one.rule == "hidden-content"]
        assert found[0].what.startswith("Text, read from the numbers")

    @pytest.mark.parametrize("kind", PAYLOADS)
    @pytest.mark.parametrize("bits", [1, 8])
    def test_files_are_recognised(self, kind: str, bits: int) -> None:
        """Programs stop sharing; other content is for a person to weigh."""
        report = look({"layer": hide(weights((400, 300)), PAYLOADS[kind], bits)})
        found = next(one for one in report.found if one.rule == "hidden-content")
        assert found.what.lower().startswith(kind.lower())
        runs = kind in ("a Linux program", "a pickle")
        assert found.level is (Level.unsafe if runs else Level.concern)

    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
    def test_in_floats_of_any_size(self, dtype: str) -> None:
        assert "hidden-content" in rules(look({"a": hide(weights(dtype=dtype), table(), 2)}))

    def test_in_brain_floats(self) -> None:
        """Which numpy does not have."""
        plain = torch.tensor(weights()).bfloat16()
        words = hide(plain.view(torch.uint16).numpy(), table(), 2)
        hidden = torch.from_numpy(words.view("i2")).view(torch.bfloat16)
        assert rules(look({"a": plain})) == []
        assert "hidden-content" in rules(look({"a": hidden}))

    @pytest.mark.parametrize("start", [1, 3, 7, 1000])
    def test_wherever_it_starts(self, start: int) -> None:
        """Bits of one byte need not begin at a number that eight divides."""
        assert "hidden-content" in rules(look({"a": hide(weights(), table(60), 1, at=start)}))

    def test_bytes_that_are_stored_as_they_are(self) -> None:
        """Whole numbers and floats alike."""
        content = PAYLOADS["a ZIP archive"]
        padded = content + bytes(-len(content) % 8)
        for dtype in ("u1", "i8", "f4"):
            assert "hidden-content" in rules(look({"a": np.frombuffer(padded, dtype)}))

    @settings(max_examples=30)
    @given(
        st.binary(min_size=1, max_size=200),
        st.sampled_from([1, 2, 4, 8, 12, 16, 24]),
        st.booleans(),
    )
    def test_what_is_written_is_read(self, content: bytes, bits: int, high: bool) -> None:
        """Each byte that lies in the numbers as a whole comes out again."""
        array = hide(weights((1, 1700)), content, bits, high=high)
        layout = Layout(bits, high_first=high, fills_high=high)
        whole = len(content) * 8 // bits * bits // 8
        assert extract(array.view("u4"), layout)[:whole] == content[:whole]

    @settings(max_examples=200)
    @given(st.binary(max_size=4000))
    def test_any_bytes_are_looked_at_without_harm(self, content: bytes) -> None:
        """Headers that are cut off, lies about sizes."""
        recognise(content)
        for magic in (b"MZ", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x7fELF", b"\x80\x04", b"ustar"):
            recognise(magic + content)
            recognise(content + magic)

    def test_chance_spells_nothing(self) -> None:
        """Four million random bytes."""
        rng = np.random.default_rng(11)
        assert [recognise(rng.bytes(2**16)) for _ in range(64)] == [None] * 64


class TestStatistics:
    def test_unknown_content_is_seen_by_its_bits(self) -> None:
        """Content without any header, in the eight lowest bits: a table of small whole numbers."""
        content = np.random.default_rng(1).poisson(3, 40_000).astype("u1").tobytes()
        report = look({"a": hide(weights((250, 300)), content, 8)})
        assert rules(report) == ["low-bits-odd"]
        assert report.planes[0].uneven > 90
        assert report.planes[0].entropy < 7

    def test_encrypted_content_is_not_seen(self) -> None:
        """And the report says that nobody can."""
        array = hide(weights(), os.urandom(8000), 1)
        report = look({"a": array})
        assert rules(report) == []
        assert "Encrypted" in report.unseen[0]
        assert "does not prove" in report.sentences()[1]

    @pytest.mark.parametrize("origin", ["half", "brain"])
    def test_encrypted_content_in_rounded_weights_is_seen(self, origin: str) -> None:
        """The room was empty before."""
        plain = weights().astype("f2").astype("f4")
        if origin == "brain":
            plain = torch.tensor(weights()).bfloat16().float().numpy()
        assert rules(look({"a": plain})) == []
        hidden = hide(plain, np.random.default_rng(1).bytes(9000), 8)
        assert rules(look({"a": hidden})) == ["low-bits-filled"]

    def test_planes_of_chance_look_like_chance(self) -> None:
        report = look({"a": weights((400, 400))})
        assert len(report.planes) == 21
        low = [plane for plane in report.planes if plane.bit < 12]
        assert all(abs(plane.ones - 0.5) < 0.01 and abs(plane.serial) < 0.02 for plane in low)
        assert all(plane.entropy > 7.9 and plane.compressed > 0.99 for plane in low)


CHANCE = np.random.default_rng(0)
HONEST: dict[str, Any] = {
    "trained precision": weights(),
    "double": weights(dtype="f8"),
    "half": weights(dtype="f2"),
    "half widened": weights(dtype="f2").astype("f4"),
    "single widened": weights().astype("f8"),
    "brain widened": torch.tensor(weights()).bfloat16().float().numpy(),
    "pruned": np.where(np.abs(weights()) < 0.02, 0, weights()).astype("f4"),
    "constant": np.full((300, 300), 0.3, "f4"),
    "zeros": np.zeros((300, 300), "f4"),
    "one number": np.float32([0.1]),
    "nothing": np.zeros((0, 3), "f4"),
    "whole numbers": CHANCE.integers(-127, 127, (300, 300)).astype("i1"),
    "from whole numbers": (
        np.random.default_rng(0).integers(-127, 127, (300, 300)) * 0.0123
    ).astype("f4"),
    "measured, two digits": CHANCE.normal(50, 20, (300, 300)).round(2),
    "measured, three digits": np.random.default_rng(0)
    .normal(1, 20, (300, 300))
    .round(3)
    .astype("f4"),
    "even steps": CHANCE.random((300, 300)) * 0.1 - 0.05,
    "even steps, single": CHANCE.random((300, 300), dtype="f4"),
    "missing": np.where(CHANCE.random((300, 300)) < 0.1, np.nan, weights((300, 300))),
    "truths": np.ones((300, 300), bool),
    "counts": np.arange(90_000),
    "scaled twice": weights() * np.float32(0.7),
}


class TestHonest:
    @pytest.mark.parametrize("name", HONEST)
    def test_numbers_give_no_alarm(self, name: str) -> None:
        assert rules(look({"a": HONEST[name]})) == []

    @pytest.mark.parametrize(
        "model",
        [
            RandomForestClassifier(30, random_state=0),
            ExtraTreesClassifier(30, random_state=0),
            HistGradientBoostingClassifier(max_iter=15),
            KNeighborsClassifier(),
            KNeighborsClassifier(algorithm="ball_tree"),
            make_pipeline(QuantileTransformer(n_quantiles=100), KNeighborsClassifier()),
            make_pipeline(StandardScaler(), SVC()),
            make_pipeline(StandardScaler(), MLPClassifier((100, 100), max_iter=15)),
            LogisticRegression(max_iter=10),
            xgboost.XGBClassifier(n_estimators=10, n_jobs=1),
            lightgbm.LGBMClassifier(n_estimators=10, n_jobs=1, verbose=-1),
        ],
        ids=lambda model: type(getattr(model, "steps", [(0, model)])[-1][1]).__name__,
    )
    @pytest.mark.parametrize("data", [DIGITS, CANCER], ids=["digits", "cancer"])
    @pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
    def test_trained_models_give_no_alarm(self, model: Any, data: Any) -> None:
        """Whatever they keep: thresholds, rows, counts, dead units."""
        report = look(clone(model).fit(*data))
        assert report.numbers > 0
        assert [one.what for one in report.alarms] == []

    @pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16], ids=str)
    def test_networks_give_no_alarm(self, kind: torch.dtype) -> None:
        """Right after they were made and in lower precision, with what normalises."""
        torch.manual_seed(0)
        made = nn.Sequential(nn.Linear(64, 300), nn.BatchNorm1d(300), nn.Embedding(50, 300))
        assert rules(look(made.to(kind))) == []

    def test_the_model_is_left_alone(self) -> None:
        array = weights()
        before = array.copy()
        look({"a": array})
        np.testing.assert_array_equal(array, before)


class TestPlacement:
    def test_tensors_that_the_model_does_not_use(self) -> None:
        net = nn.Linear(3, 3)
        extra = {**net.state_dict(), "extra": torch.ones(9)}
        report = look(extra, expected=net.state_dict())
        assert [(one.rule, one.where) for one in report.alarms] == [("tensor-unused", "extra")]

    def test_tensors_that_are_there_twice(self) -> None:
        """Worth knowing, no alarm; weights that are shared on purpose are one tensor."""
        shared = weights((20, 20))
        assert look({"a": shared, "b": shared}).found == ()
        found = look({"a": shared, "b": shared.copy()}).found
        assert [(one.rule, one.level) for one in found] == [("tensor-twice", Level.note)]

    def test_missing_numbers_that_carry_something(self) -> None:
        words = np.full(400, 0x7FC00000, "u4")
        assert rules(look({"a": words.view("f4")})) == []
        words |= np.arange(400, dtype="u4")
        assert rules(look({"a": words.view("f4")})) == ["nan-content"]

    def test_bytes_of_an_encrypted_file(self) -> None:
        """Read as numbers they are of all sizes."""
        content = np.random.default_rng(2).bytes(40_000)
        assert "tensor-bytes" in rules(look({"a": np.frombuffer(content, "f4")}))

    def test_text_is_no_tensor(self) -> None:
        assert rules(look({"a": np.array(["abc"] * 9)})) == ["tensor-type"]

    def test_notes_of_a_file(self) -> None:
        """A few words are fine; what is long or encoded is not."""
        good = {"format": "pt", "author": "Ada"}
        assert rules(look({"a": weights()}, notes=good)) == []
        for text in ("x y " * 2000, "QUJD" * 100):
            assert rules(look({"a": weights()}, notes={**good, "b": text})) == ["metadata-long"]


class Hostile:
    """Raises at whatever is done with it."""

    def __getattribute__(self, name: str) -> NoReturn:
        raise RuntimeError(f"do not look at {name}")


class TestWalk:
    def test_numbers_deep_inside_are_found(self) -> None:
        """In lists, dictionaries and trees; each once, and circles end."""
        circle: dict[str, Any] = {"w": weights((3, 3))}
        circle["again"] = circle
        held, gaps = arrays_of({"a": [circle, (np.ones(2), "text")], "b": np.array([np.ones(3)])})
        assert sorted(one.array.size for one in held) == [2, 3, 9]
        assert gaps == []
        forest = RandomForestClassifier(2, random_state=0).fit(*CANCER)
        names = {one.name.rpartition(".")[2] for one in arrays_of(forest)[0]}
        assert {"threshold", "impurity", "values"} <= names

    def test_what_cannot_be_looked_into_is_said(self) -> None:
        held, gaps = arrays_of({"a": Hostile(), "b": np.ones(3)})
        assert [one.name for one in held] == ["b"]
        assert gaps == ["a could not be looked into."]

    def test_stopping(self) -> None:
        def stop(*_: object) -> NoReturn:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            look({"a": weights()}, progress=stop)

    def test_names_are_cut_and_cleaned(self) -> None:
        """A name can be anything; the record holds what can be shown."""
        report = look({"a\x1b[31m" * 100: hide(weights(), table(), 8)})
        assert len(report.alarms[0].where) <= 200
        assert HiddenReport.from_bytes(report.to_bytes()) == report

    def test_a_held_number_knows_its_bits(self) -> None:
        assert Held("a", np.float32([1.0]), "float32").words()[0] == 0x3F800000
        assert Held("a", np.array([0x3F80], "u2"), "bfloat16").values()[0] == 1.0


class TestOddModels:
    """What cannot be looked at is said, and what is behind something is looked at."""

    @pytest.mark.parametrize("make", [xgboost.XGBClassifier, lightgbm.LGBMRegressor])
    def test_a_booster_that_was_not_fitted(self, make: Any) -> None:
        report = look(make())
        assert report.tensors == 0
        assert "has not been fitted" in report.gaps[0]

    def test_what_lies_under_a_mask_is_seen(self) -> None:
        """It travels with the model, and counts as missing for whoever computes with it."""
        array = hide(weights(), table(60), 1, high=True, columns=True)
        report = look({"layer": np.ma.masked_array(array, mask=True)})
        assert "hidden-content" in rules(report)
