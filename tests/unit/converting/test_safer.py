"""Safer forms: equal to what they came from, proven on the file; nothing is kept otherwise."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import torch
import xgboost
from pydantic import ValidationError
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from torch import nn

from tests.unit.converting import samples
from workbench.converting import skops_form
from workbench.converting.loading import load
from workbench.converting.proof import compare
from workbench.converting.safer import safer
from workbench.errors import InputError, TrustError
from workbench.findings.converted import Compared, ConvertedReport, Form

SCIKIT_LEARN = samples.of_scikit_learn()
XGBOOST = samples.of_xgboost()
LIGHTGBM = samples.of_lightgbm()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.width = 8
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5))
        self.head = nn.Linear(8, 2)
        self.register_buffer("seen", torch.tensor(3))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(rows))


class Moody(ClassifierMixin, BaseEstimator):
    """Predicts something else each time it is asked."""

    def fit(self, rows: object, labels: object) -> Moody:
        self.count_ = 0
        return self

    def predict(self, rows: Any) -> Any:
        self.count_ += 1
        return np.full(len(rows), self.count_)


class TestScikitLearn:
    @pytest.mark.parametrize("name", SCIKIT_LEARN)
    def test_is_written_as_skops_and_equal(self, name: str, tmp_path: Path) -> None:
        """To the last bit, by an independent comparison of predictions."""
        model = SCIKIT_LEARN[name]
        report = safer(model, tmp_path / "out", sample=samples.FULL).report
        assert (report.form, report.files) == (Form.skops, ("model.skops",))
        assert (report.compared, report.rows) == (Compared.given, 240)
        assert report.difference == 0
        assert names(tmp_path / "out") == {"model.skops"}
        again = load(tmp_path / "out", trust=report.trust)
        np.testing.assert_array_equal(again.predict(samples.FULL), model.predict(samples.FULL))

    @pytest.mark.parametrize("name", SCIKIT_LEARN)
    def test_without_a_sample_rows_are_made_up(self, name: str, tmp_path: Path) -> None:
        """And the record says so."""
        report = safer(SCIKIT_LEARN[name], tmp_path).report
        assert (report.compared, report.rows) == (Compared.made_up, 64)
        assert "made-up" in report.sentences()[1]

    def test_text_needs_a_sample(self, tmp_path: Path) -> None:
        """Numbers cannot be made up for a model that reads words."""
        model = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(["a bc", "de fg"], [0, 1])
        with pytest.raises(InputError, match="made-up numbers") as caught:
            safer(model, tmp_path)
        assert "sample=X" in caught.value.hint
        assert names(tmp_path) == set()
        assert safer(model, tmp_path, sample=["bc de", "fg"]).report.rows == 2

    def test_names_what_has_to_be_trusted(self, tmp_path: Path) -> None:
        """Trees run no code, but are not proof against made-up contents."""
        report = safer(SCIKIT_LEARN["forest"], tmp_path).report
        assert report.trust == ("sklearn.tree._tree.Tree",)
        with pytest.raises(TrustError, match="Tree"):
            load(tmp_path)

    def test_a_model_that_answers_differently_is_not_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The proof is of the file, so a loader that gives another model is noticed."""
        other = LogisticRegression(C=1e-4).fit(samples.FULL, samples.NAMES)
        monkeypatch.setattr(skops_form, "load", lambda path, trust: other)
        with pytest.raises(InputError, match="not equal"):
            safer(SCIKIT_LEARN["logistic"], tmp_path, sample=samples.FULL)
        assert names(tmp_path) == set()

    def test_what_recipients_could_not_load_is_told_to_the_owner(self, tmp_path: Path) -> None:
        """A model whose numbers lead nowhere is written, and not taken back."""
        model = copy.deepcopy(SCIKIT_LEARN["forest"])
        model.n_features_in_ = 3
        with pytest.raises(InputError, match="Recipients could not load this Random") as caught:
            safer(model, tmp_path, sample=samples.FULL)
        assert "form=" in caught.value.hint
        assert names(tmp_path) == set()

    def test_a_model_that_depends_on_chance_has_no_proof(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The hint says what may be the reason."""
        model = Moody().fit([], [])
        monkeypatch.setattr(skops_form, "content", lambda _: (b"", []))
        monkeypatch.setattr(skops_form, "load", lambda path, trust: model)
        with pytest.raises(InputError, match="not equal") as caught:
            safer(model, tmp_path, sample=samples.FULL)
        assert "random_state" in caught.value.hint

    def test_what_was_there_before_stays_when_it_fails(self, tmp_path: Path) -> None:
        """A file of an earlier success is not replaced by a half one."""
        safer(SCIKIT_LEARN["logistic"], tmp_path)
        before = (tmp_path / "model.skops").read_bytes()
        with pytest.raises(InputError, match="has not been fitted"):
            safer(LogisticRegression(), tmp_path)
        assert (tmp_path / "model.skops").read_bytes() == before
        assert names(tmp_path) == {"model.skops"}

    def test_stopping_leaves_nothing(self, tmp_path: Path) -> None:
        """Progress may raise, at any of its steps."""
        seen: list[tuple[str, int, int]] = []

        def stop(*said: Any) -> None:
            seen.append(said)
            if said[1] == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            safer(SCIKIT_LEARN["logistic"], tmp_path, progress=stop)
        assert [done for _, done, _ in seen] == [0, 1, 2]
        assert names(tmp_path) == set()


class TestBoosters:
    @pytest.mark.parametrize("name", XGBOOST)
    def test_xgboost_is_equal_to_the_last_bit(self, name: str, tmp_path: Path) -> None:
        """As its own interface and as scikit-learn's."""
        model = XGBOOST[name]
        report = safer(model, tmp_path, sample=samples.X).report
        assert (report.form, report.difference) == (Form.xgboost, 0)
        again = load(tmp_path)
        ours = isinstance(again, xgboost.Booster)
        assert ours is (name == "native")
        rows = xgboost.DMatrix(samples.X) if ours else samples.X
        np.testing.assert_array_equal(again.predict(rows), model.predict(rows))

    @pytest.mark.parametrize("name", LIGHTGBM)
    def test_lightgbm_is_equal_to_the_last_bit(self, name: str, tmp_path: Path) -> None:
        """The interface of scikit-learn comes back as the booster inside it."""
        model = LIGHTGBM[name]
        report = safer(model, tmp_path, sample=samples.X).report
        assert (report.form, report.difference) == (Form.lightgbm, 0)
        again = load(tmp_path)
        assert isinstance(again, lightgbm.Booster)
        inner = model if name == "native" else model.booster_
        np.testing.assert_array_equal(again.predict(samples.X), inner.predict(samples.X))

    @pytest.mark.parametrize("framework", ["xgboost", "lightgbm"])
    def test_categories_by_name(self, framework: str, tmp_path: Path) -> None:
        """A table's categories are part of what is compared."""
        given: dict[str, Any] = {"n_estimators": 6, "n_jobs": 1}
        if framework == "xgboost":
            model: Any = xgboost.XGBClassifier(enable_categorical=True, **given)
        else:
            model = lightgbm.LGBMClassifier(verbose=-1, min_child_samples=3, **given)
        model.fit(samples.FRAME, samples.Y ^ (samples.FRAME["ward"] == "a"))
        assert safer(model, tmp_path, sample=samples.FRAME).report.outputs >= 240

    def test_lightgbm_keeps_no_extremes_of_the_data(self, tmp_path: Path) -> None:
        """The library writes the smallest and largest value of each column; we do not."""
        model = LIGHTGBM["regressor"]
        highest = f"{np.nanmax(samples.X[:, 0]):.17g}"
        assert highest in model.booster_.model_to_string()
        report = safer(model, tmp_path).report
        assert highest not in (tmp_path / report.files[0]).read_text()
        assert "smallest and largest values" in " ".join(report.sentences())

    def test_leaves_that_cannot_be_checked_are_refused(self, tmp_path: Path) -> None:
        """Linear leaves have lists of their own."""
        model = lightgbm.LGBMRegressor(n_estimators=2, linear_tree=True, verbose=-1, n_jobs=1)
        model.fit(samples.FULL, samples.AMOUNT)
        with pytest.raises(InputError, match="could not be checked"):
            safer(model, tmp_path)
        assert names(tmp_path) == set()

    @pytest.mark.parametrize(
        "model", [xgboost.XGBClassifier(), lightgbm.LGBMRegressor()], ids=["xgboost", "lightgbm"]
    )
    def test_unfitted_ones_are_refused(self, model: Any, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="has not been fitted"):
            safer(model, tmp_path)
        assert names(tmp_path) == set()


class TestNetworks:
    def test_is_written_with_what_to_build(self, tmp_path: Path) -> None:
        """The file fills a network made from the source code; the model keeps its mode."""
        model = Net().train()
        before = copy.deepcopy(model.state_dict())
        report = safer(model, tmp_path, sample=samples.FULL).report
        assert report.files == ("model.safetensors", "architecture.json")
        assert (report.compared, report.rows, report.difference) == (Compared.given, 240, 0)
        assert "load_state_dict" in report.build
        assert model.training
        assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
        again = Net().eval()
        again.load_state_dict(load(tmp_path))
        rows = torch.tensor(samples.FULL, dtype=torch.float32)
        assert torch.equal(again(rows), model.eval()(rows))

    def test_the_architecture_is_for_people(self, tmp_path: Path) -> None:
        """Class, plain settings and layers; no weights."""
        safer(Net(), tmp_path)
        notes = json.loads((tmp_path / "architecture.json").read_text())
        assert notes["class"].endswith("Net")
        assert notes["settings"] == {"training": True, "width": 8}
        assert [layer["shape"] for layer in notes["layers"]][:2] == ["8×4, 8", "8, 8"]

    def test_without_a_sample_the_numbers_are_compared(self, tmp_path: Path) -> None:
        """Each of them, also where a network takes no table."""
        report = safer(nn.LSTM(3, 5), tmp_path).report
        assert (report.compared, report.rows) == (Compared.numbers, 0)
        assert report.outputs == sum(one.numel() for one in nn.LSTM(3, 5).parameters())

    @pytest.mark.parametrize(
        "dtype",
        [torch.float64, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.bool, torch.int8],
        ids=str,
    )
    def test_types_survive(self, dtype: torch.dtype, tmp_path: Path) -> None:
        """Also of views, scalars and empty tensors."""
        whole = torch.arange(24).reshape(4, 6).to(dtype)
        table = {"view": whole.T, "one": whole[0, 1], "none": whole[:0]}
        safer(table, tmp_path)
        for name, value in load(tmp_path).items():
            assert (value.dtype, value.shape) == (dtype, table[name].shape)
            assert torch.equal(value.float(), table[name].float())

    @pytest.mark.parametrize(
        "table",
        [
            {"model": {"w": torch.ones(2)}, "epoch": 3},
            {"w": torch.ones(2), "note": "text"},
            {"w": torch.eye(3).to_sparse()},
            {"w": np.array([object()])},
            {"w": torch.ones(2, device="meta")},
            {1: torch.ones(2)},
            {},
        ],
        ids=["checkpoint", "text", "sparse", "objects", "meta", "no name", "empty"],
    )
    def test_what_is_no_tensor_is_refused(self, table: Any, tmp_path: Path) -> None:
        """A checkpoint with optimiser and settings has to be taken apart by its owner."""
        with pytest.raises(InputError, match="safetensors"):
            safer(table, tmp_path)
        assert names(tmp_path) == set()


class TestProof:
    def test_words_have_to_be_the_same_and_numbers_nearly(self) -> None:
        """Numbers within 64 units in the last place of the largest, in their own precision."""
        one = np.array([1.0, 1000.0, np.nan, np.inf])
        found = compare([one], [one + np.array([1e-13, 0, 0, 0])], 4)
        assert 0 < found.difference <= found.tolerance < 1e-10
        for other in (
            one + np.array([1e-9, 0, 0, 0]),
            np.array([1.0, 1000.0, 0, np.inf]),
            -one,
            one[:3],
        ):
            with pytest.raises(InputError, match="not equal"):
                compare([one], [other], 4)
        with pytest.raises(InputError, match="not equal"):
            compare([np.array(["yes"])], [np.array(["no!"])], 1)

    def test_answers_of_nothing_prove_nothing(self) -> None:
        for before in ([], [np.empty(0)]):
            with pytest.raises(InputError, match="not equal"):
                compare(before, before, 1)

    def test_there_is_no_record_of_an_unequal_model(self) -> None:
        """Not even for whoever writes one by hand."""
        good: dict[str, Any] = {
            "source": "a.B",
            "form": "skops",
            "loader": "load",
            "files": ["model.skops"],
            "compared": "predictions on given rows",
            "rows": 3,
            "outputs": 3,
            "difference": 0.0,
            "tolerance": 0.1,
        }
        report = ConvertedReport.model_validate(good)
        assert ConvertedReport.from_bytes(report.to_bytes()) == report
        for change in (
            {"equal": False},
            {"difference": 0.2},
            {"rows": 0},
            {"outputs": 0},
            {"files": []},
            {"files": ["../model"]},
            {"difference": float("nan")},
        ):
            with pytest.raises(ValidationError):
                ConvertedReport.model_validate({**good, **change})


@pytest.mark.parametrize("model", [object(), "text", None, LogisticRegression])
def test_what_is_no_model_is_refused(model: object, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be shared from here"):
        safer(model, tmp_path)
    assert names(tmp_path) == set()
