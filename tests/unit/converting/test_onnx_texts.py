"""Texts in ONNX: words and small letters as scikit-learn tells them, on any computer that can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from workbench.converting.loading import load
from workbench.converting.safer import safer
from workbench.errors import Unavailable

PLAIN = ["Patient has a fever", "no FEVER at all", "COUGH in 2 days", "ok now"] * 8
OTHERS = ["Übelkeit und Fieber", "keine ÜBELKEIT", "Ärzte: l'été", "ok now"] * 8
LABELS = [1, 0, 1, 0] * 8
PARTS = {
    "counts": CountVectorizer(),
    "shares": TfidfVectorizer(),
    "pairs": TfidfVectorizer(ngram_range=(1, 2)),
    "as they are": TfidfVectorizer(lowercase=False),
    "letters": TfidfVectorizer(analyzer="char"),
}


def languages(path: Path) -> set[str]:
    nodes = onnx.load(path).graph.node
    return {one.s.decode() for node in nodes for one in node.attribute if one.name == "locale"}


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("texts", [PLAIN, OTHERS], ids=["English", "others"])
def test_are_told_apart_as_before(name: str, texts: list[str], tmp_path: Path) -> None:
    """Also those that the model has not seen, and that are in letters of other languages."""
    model = make_pipeline(PARTS[name], LogisticRegression()).fit(texts, LABELS)
    safer(model, tmp_path, sample=texts, form="onnx")
    asked = [*texts, "a FEVER", "FIEBER und Ünfug", "I a b fever now", "ÄRZTE"]
    found = load(tmp_path)
    assert abs(found.predict_proba(asked) - model.predict_proba(asked)).max() < 1e-6


def test_english_needs_no_language(tmp_path: Path) -> None:
    """Every computer knows the letters from A to Z."""
    for texts, expected in ((PLAIN, "C"), (OTHERS, "C.UTF-8")):
        model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, LABELS)
        safer(model, tmp_path / expected, sample=texts, form="onnx")
        assert languages(tmp_path / expected / "model.onnx") == {expected}


def test_a_language_that_is_not_known_here(tmp_path: Path) -> None:
    """Said in words: it is the computer that lacks something, not the file."""
    model: Any = make_pipeline(CountVectorizer(), LogisticRegression()).fit(PLAIN, LABELS)
    safer(model, tmp_path, sample=PLAIN, form="onnx")
    made = onnx.load(tmp_path / "model.onnx")
    (one,) = [one for node in made.graph.node for one in node.attribute if one.name == "locale"]
    one.s = b"xx_XX.UTF-8"
    onnx.save(made, tmp_path / "model.onnx")
    with pytest.raises(Unavailable, match=r"rules of xx_XX\.UTF-8, which this computer") as caught:
        load(tmp_path)
    assert caught.value.unchanged == "Nothing was loaded."
