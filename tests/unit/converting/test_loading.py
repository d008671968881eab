"""Models from outside: only whole ones reach a library, and no file ends the program."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.converting import samples
from workbench.converting import lightgbm_form, xgboost_form
from workbench.converting.loading import FILES, load
from workbench.converting.safer import safer
from workbench.converting.trees import WrongError, follow
from workbench.errors import InputError, TrustError

XGBOOST = samples.of_xgboost()
LIGHTGBM = samples.of_lightgbm()
CATEGORIES = samples.xgboost.XGBClassifier(n_estimators=3, n_jobs=1, enable_categorical=True).fit(
    samples.FRAME, samples.Y ^ (samples.FRAME["ward"] == "a")
)


def written(model: Any, folder: Path) -> Path:
    return folder / safer(model, folder, sample=samples.X).report.files[0]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 99, b"PK\x03\x04", pickle.dumps([1]), b"[" * 10**5, b"tree\n\n", b"{}"]
)
def test_what_is_no_model_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    """Under each of the names that are opened."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TrustError) as caught:
        load(tmp_path)
    assert caught.value.step == "model content"
    assert caught.value.unchanged == "Nothing was loaded."


def test_other_files_are_not_opened(tmp_path: Path) -> None:
    """The hint warns of what is usually done with them."""
    (tmp_path / "model.pkl").write_bytes(pickle.dumps([1]))
    with pytest.raises(InputError, match=r"no model\.skops") as caught:
        load(tmp_path)
    assert "never unpickle" in caught.value.hint


def trees(root: Any) -> list[Any]:
    return root["learner"]["gradient_booster"]["model"]["trees"]


def each_tree(**changes: Callable[[list[int]], object]) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for tree in trees(root):
            for name, of in changes.items():
                tree[name] = of(tree[name])

    return change


def put(*path: str, value: object) -> Callable[[Any], None]:
    def change(root: Any) -> None:
        for step in path[:-1]:
            root = root[step]
        root[path[-1]] = value

    return change


LEARNER = ("learner",)
MODEL = ("learner", "gradient_booster", "model")
SIZES = ("learner", "learner_model_param")
# The first three end the program when the library reads them itself.
BAD_XGBOOST = {
    "children that do not exist": each_tree(
        left_children=lambda at: [10**8 if i > 0 else i for i in at]
    ),
    "a circle": each_tree(
        left_children=lambda at: [0 if i > 0 else i for i in at],
        right_children=lambda at: [0 if i > 0 else i for i in at],
    ),
    "columns that do not exist": each_tree(split_indices=lambda at: [10**8] * len(at)),
    "a child below the ground": each_tree(left_children=lambda at: [-2, *at[1:]]),
    "one child only": each_tree(right_children=lambda at: [-1, *at[1:]]),
    "a broken child": each_tree(left_children=lambda at: [1.5, *at[1:]]),
    "a true child": each_tree(left_children=lambda at: [True, *at[1:]]),
    "text for a child": each_tree(left_children=lambda at: ["1", *at[1:]]),
    "a short list": each_tree(base_weights=lambda at: at[:-1]),
    "a long list": each_tree(split_conditions=lambda at: [*at, 0.0]),
    "numbers that are none": each_tree(base_weights=lambda at: [None] * len(at)),
    "no node": each_tree(tree_param=lambda at: {**at, "num_nodes": "0"}),
    "more nodes": each_tree(tree_param=lambda at: {**at, "num_nodes": "99999999999"}),
    "vectors in leaves": each_tree(tree_param=lambda at: {**at, "size_leaf_vector": "3"}),
    "splits of another kind": each_tree(split_type=lambda at: [7] * len(at)),
    "categories from nowhere": each_tree(split_type=lambda at: [1] * len(at)),
    "fewer trees": put(*MODEL, "trees", value=[]),
    "groups that do not exist": put(*MODEL, "tree_info", value=[9] * 4),
    "rounds that go back": put(*MODEL, "iteration_indptr", value=[0, 3, 1, 2, 4]),
    "rounds beyond the end": put(*MODEL, "iteration_indptr", value=[0, 9]),
    "columns of no data": put(*SIZES, "num_feature", value="0"),
    "columns that are no number": put(*SIZES, "num_feature", value="-4"),
    "a start that is none": put(*SIZES, "base_score", value="[nan(7)]"),
    "too many starts": put(*SIZES, "base_score", value="[1E0,1E0]"),
    "an unknown booster": put(*LEARNER, "gradient_booster", "name", value="other"),
    "no booster": put(*LEARNER, "gradient_booster", value={}),
    "a list for a table": put(*LEARNER, value=[]),
    "names for no column": put(*MODEL, "cats", value={"enc": [], "sorted_idx": [1]}),
    "an unknown objective": put(*LEARNER, "objective", "name", value="rank:none"),
}


@pytest.mark.parametrize("name", BAD_XGBOOST)
def test_xgboost_never_sees_a_tree_that_leads_nowhere(name: str, tmp_path: Path) -> None:
    path = written(XGBOOST["classifier"], tmp_path)
    root = json.loads(path.read_text())
    BAD_XGBOOST[name](root)
    path.write_text(json.dumps(root))
    with pytest.raises(TrustError) as caught:
        load(tmp_path)
    assert caught.value.step == "model content"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("categories", [10**8]),
        ("categories_segments", [10**6]),
        ("categories_sizes", [10**6]),
        ("categories_nodes", [10**6]),
    ],
)
def test_xgboost_categories_that_are_not_there(name: str, change: Any, tmp_path: Path) -> None:
    path = tmp_path / xgboost_form.FILE
    xgboost_form.write(CATEGORIES, path)
    root = json.loads(path.read_text())
    changed = next(tree for tree in trees(root) if tree[name])
    changed[name] = change * len(changed[name])
    path.write_text(json.dumps(root))
    with pytest.raises(TrustError, match="categories"):
        load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda names: names["enc"][2].update(offsets=[0, 9, 2, 3]),
        lambda names: names["enc"][2].update(offsets=[0, 1, 2]),
        lambda names: names["enc"][2].update(values=[400, 1, 2]),
        lambda names: names["enc"].pop(),
        lambda names: names.update(sorted_idx=[0, 1, 9]),
        lambda names: names.update(sorted_idx=[0, 0, 0]),
        lambda names: names.update(feature_segments=[0, 0, 0, 99]),
    ],
)
def test_xgboost_names_of_categories_that_do_not_fit(change: Any, tmp_path: Path) -> None:
    path = tmp_path / xgboost_form.FILE
    xgboost_form.write(CATEGORIES, path)
    root = json.loads(path.read_text())
    change(root["learner"]["gradient_booster"]["model"]["cats"])
    path.write_text(json.dumps(root))
    with pytest.raises(TrustError, match="categories"):
        load(tmp_path)


def test_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    """Two programs could read two models."""
    path = written(XGBOOST["classifier"], tmp_path)
    path.write_text(path.read_text().replace('"learner":', '"learner":{},"learner":', 1))
    with pytest.raises(TrustError, match="twice"):
        load(tmp_path)


def line(name: str, of: Callable[[list[str]], object]) -> Callable[[str], str]:
    """A change of the values of one line, in every tree."""

    def change(text: str) -> str:
        lines = text.split("\n")
        for number, one in enumerate(lines):
            if one.startswith(f"{name}="):
                lines[number] = f"{name}={of(one.partition('=')[2].split(' '))}"
        return "\n".join(lines)

    return change


def each(value: str) -> Callable[[list[str]], str]:
    return lambda words: " ".join([value] * len(words))


# The first three end the program when the library reads them itself.
BAD_LIGHTGBM = {
    "children that do not exist": line("left_child", each("9999999")),
    "a circle": line("right_child", each("0")),
    "columns that do not exist": line("split_feature", each("99999999")),
    "leaves that do not exist": line("left_child", each("-99999")),
    "a leaf reached twice": line("left_child", each("-1")),
    "a short list": line("threshold", lambda words: " ".join(words[1:])),
    "a long list": line("leaf_value", lambda words: " ".join([*words, "1"])),
    "numbers that are none": line("leaf_value", each("0x7f")),
    "more leaves": line("num_leaves", each("99999999")),
    "no leaves": line("num_leaves", each("0")),
    "a kind of split that is not known": line("decision_type", each("255")),
    "categories from nowhere": line("decision_type", each("1")),
    "linear leaves": lambda text: text.replace("shrinkage=", "is_linear=1\nshrinkage=", 1),
    "parts that are not known": lambda text: text.replace("num_cat=0", "num_cat=0\nnew=1", 1),
    "a name given twice": lambda text: text.replace("num_cat=0", "num_cat=0\nnum_cat=0", 1),
    "trees out of order": lambda text: text.replace("Tree=0", "Tree=7"),
    "a tree weighing nothing": line("shrinkage", each("")),
    "fewer columns": line("max_feature_idx", each("1")),
    "many columns": line("max_feature_idx", each("999999999")),
    "no classes": line("num_class", each("0")),
    "more classes": line("num_class", each("3")),
    "trees that do not fit": line("num_tree_per_iteration", each("3")),
    "no rounds": line("num_tree_per_iteration", each("0")),
    "an objective of many words": line("objective", each("binary\tx")),
    "a column of many words": line("feature_infos", each("[1:2:3:4]")),
    "categories that are no lists": lambda text: text.replace("categorical:null", "categorical:7"),
    "an end that is missing": lambda text: text.replace("end of trees", ""),
    "an unknown objective": line("objective", each("none_of_them")),
}


@pytest.mark.parametrize("name", BAD_LIGHTGBM)
def test_lightgbm_never_sees_a_tree_that_leads_nowhere(name: str, tmp_path: Path) -> None:
    path = written(LIGHTGBM["classifier"], tmp_path)
    before = path.read_text()
    after = BAD_LIGHTGBM[name](before)
    assert after != before
    path.write_text(after)
    with pytest.raises(TrustError) as caught:
        load(tmp_path)
    assert caught.value.step == "model content"


def test_lightgbm_does_not_believe_where_trees_begin(tmp_path: Path) -> None:
    """Sizes of trees are a second account of the file, which the library would follow."""
    path = written(LIGHTGBM["classifier"], tmp_path)
    expected = load(tmp_path).predict(samples.X)
    path.write_text(path.read_text().replace("label_index", "tree_sizes=1 2 3 4\nlabel_index", 1))
    np.testing.assert_array_equal(load(tmp_path).predict(samples.X), expected)


@pytest.mark.parametrize("form", [xgboost_form, lightgbm_form], ids=["xgboost", "lightgbm"])
def test_what_was_checked_is_checked_to_the_same(form: Any, tmp_path: Path) -> None:
    """Spelling anew changes nothing the second time."""
    model = (XGBOOST if form is xgboost_form else LIGHTGBM)["three classes"]
    path = tmp_path / form.FILE
    form.write(model, path)
    content: Any = path.read_bytes() if form is xgboost_form else path.read_text()
    once = form.checked(content)
    again = form.checked(once[0] if form is xgboost_form else once)
    assert again == once


@given(st.lists(st.tuples(st.integers(-3, 8), st.integers(-3, 8)), min_size=1, max_size=9))
def test_a_walk_ends_and_visits_each_node_once(pairs: list[tuple[int, int]]) -> None:
    """Against counting the ways that lead to each node."""
    left = [min(a, len(pairs) - 1) for a, _ in pairs]
    right = [min(b, len(pairs) - 1) for _, b in pairs]
    try:
        reached = follow(left, right)
    except WrongError:
        return
    ways = [child for node in reached for child in (left[node], right[node]) if child >= 0]
    assert sorted(ways) == sorted(reached - {0})


def test_the_model_itself_is_left_alone(tmp_path: Path) -> None:
    """Writing changes neither settings nor trees."""
    model = XGBOOST["classifier"]
    before = copy.deepcopy(model.get_params()), model.get_booster().save_raw()
    safer(model, tmp_path)
    assert (model.get_params(), model.get_booster().save_raw()) == before
