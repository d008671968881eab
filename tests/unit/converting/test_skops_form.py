"""scikit-learn models as skops files: what may be in them, and what a recipient has to name."""

from __future__ import annotations

import pickle
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io as skops
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import fetch_file
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from workbench.converting import skops_form
from workbench.converting.loading import load
from workbench.errors import InputError, TrustError

ROWS = np.array([[0.0, 1.0], [1.0, 0.0], [0.2, 0.9], [0.9, 0.1]])
LABELS = np.array([0, 1, 0, 1])


def fitted() -> LogisticRegression:
    return LogisticRegression(C=0.5).fit(ROWS, LABELS)


class OwnModel(ClassifierMixin, BaseEstimator):
    """A researcher's own class, which no other machine knows."""

    def __init__(self, value: object = None) -> None:
        self.value = value

    def fit(self, rows: object, labels: object) -> OwnModel:
        self.fitted_ = True
        return self

    def predict(self, rows: object) -> object:
        return rows


def save(model: Any, folder: Path) -> Path:
    content, _ = skops_form.content(model)
    path = folder / skops_form.FILE
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


class TestSaveAndLoad:
    @pytest.mark.parametrize(
        "model",
        [LogisticRegression(), make_pipeline(StandardScaler(), LogisticRegression())],
        ids=lambda model: type(model).__name__,
    )
    def test_a_loaded_model_predicts_the_same(self, tmp_path: Path, model: Any) -> None:
        """To the last bit."""
        model.fit(ROWS, LABELS)
        path = save(model, tmp_path / "new" / "model")
        assert path.name == "model.skops"
        loaded = load(path.parent)
        np.testing.assert_array_equal(loaded.predict_proba(ROWS), model.predict_proba(ROWS))

    def test_trees_are_loaded_by_whoever_trusts_their_owner(self, tmp_path: Path) -> None:
        """A made-up tree can read beside its memory, so loading one is asked for by name."""
        forest = RandomForestClassifier(n_estimators=3, random_state=0).fit(ROWS, LABELS)
        save(forest, tmp_path)
        with pytest.raises(TrustError, match=r"sklearn\.tree\._tree\.Tree") as caught:
            load(tmp_path)
        assert caught.value.step == "model content"
        assert ".load(trust=['sklearn.tree._tree.Tree'])" in caught.value.hint
        loaded = load(tmp_path, trust=["sklearn.tree._tree.Tree"])
        np.testing.assert_array_equal(loaded.predict_proba(ROWS), forest.predict_proba(ROWS))

    def test_trust_cannot_name_types_outside_the_libraries(self, tmp_path: Path) -> None:
        """A type from anywhere else could run anything; naming it changes nothing."""
        skops.dump(OwnModel().fit(ROWS, LABELS), tmp_path / "model.skops")
        with pytest.raises(TrustError, match="OwnModel") as caught:
            load(tmp_path, trust=[f"{__name__}.OwnModel"])
        assert caught.value.hint.startswith("Ask the owner")

    @pytest.mark.parametrize(
        ("function", "name"),
        [
            (np.testing.rundocs, "numpy.testing._private.utils.rundocs"),  # runs a file
            (fetch_file, "sklearn.datasets._base.fetch_file"),  # asks the network
        ],
    )
    def test_trust_cannot_name_functions(self, tmp_path: Path, function: object, name: str) -> None:
        """Libraries have functions that run or fetch what they are told; no hint offers them."""
        skops.dump(FunctionTransformer(function), tmp_path / "model.skops")
        with pytest.raises(TrustError, match=re.escape(name)) as caught:
            load(tmp_path, trust=[name])
        assert caught.value.step == "model content"
        assert caught.value.hint.startswith("Ask the owner")

    @pytest.mark.parametrize("model", [object(), "text", LogisticRegression, None])
    def test_what_is_no_model_is_refused(self, tmp_path: Path, model: object) -> None:
        """With what to do instead, and nothing written."""
        with pytest.raises(InputError, match="cannot be shared from here") as caught:
            save(model, tmp_path / "model")
        assert caught.value.unchanged == "Nothing was shared."
        assert not (tmp_path / "model").exists()

    def test_an_unfitted_model_is_refused(self, tmp_path: Path) -> None:
        """It has learned nothing yet."""
        with pytest.raises(InputError, match="has not been fitted") as caught:
            save(LogisticRegression(), tmp_path / "model")
        assert "fit" in caught.value.hint

    def test_a_model_that_cannot_be_written_is_refused(self, tmp_path: Path) -> None:
        """An open file inside a model has no safe form; the person is told, not shown a trace."""
        with open(sys.executable, "rb") as handle:
            model = OwnModel(handle).fit(ROWS, LABELS)
            with pytest.raises(InputError, match="OwnModel cannot be saved"):
                save(model, tmp_path / "model")

    def test_types_of_one_s_own_are_found_before_they_are_shared(self, tmp_path: Path) -> None:
        """A recipient could not load them, so the owner learns it now."""
        with pytest.raises(InputError, match="OwnModel") as caught:
            save(OwnModel().fit(ROWS, LABELS), tmp_path / "model")
        assert caught.value.unchanged == "Nothing was shared."

    def test_types_not_known_to_be_safe_are_not_loaded(self, tmp_path: Path) -> None:
        """A file can ask for any type; only those of a list are made."""
        skops.dump(OwnModel().fit(ROWS, LABELS), tmp_path / "model.skops")
        with pytest.raises(TrustError, match="OwnModel") as caught:
            load(tmp_path)
        assert caught.value.step == "model content"
        assert caught.value.unchanged == "Nothing was loaded."

    @pytest.mark.parametrize(
        "content", [b"", b"PK\x03\x04 cut off", pickle.dumps({"a": 1}), b"\x00" * 5000]
    )
    def test_a_file_that_is_no_model_is_refused(self, tmp_path: Path, content: bytes) -> None:
        """Cut off, empty or a pickle under that name: an error in words, and nothing unpickled."""
        (tmp_path / "model.skops").write_bytes(content)
        with pytest.raises(TrustError) as caught:
            load(tmp_path)
        assert caught.value.step == "model content"

    def test_a_folder_without_such_a_file_says_how_to_go_on(self, tmp_path: Path) -> None:
        """Other programs wrote other files; unpickling them is warned against."""
        (tmp_path / "weights.pkl").write_bytes(b"x")
        with pytest.raises(InputError, match=r"no model.skops") as caught:
            load(tmp_path)
        assert "never unpickle" in caught.value.hint
