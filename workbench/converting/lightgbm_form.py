"""LightGBM models as text, whose trees are checked before the library reads them.

The library follows the numbers in a file without asking whether they lead out of a tree: a file in
which a child does not exist ends the program (seen with LightGBM 4.7). What is read here is walked
through, and what the library sees is written again from what was understood.

What is written leaves out what no prediction needs: the smallest and largest value of each column
of the training data (``feature_infos``), the settings, among them names of files, and the
importances.
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.converting.trees import (
    MAX_TREES,
    WrongError,
    content,
    count,
    follow,
    missing,
    reason,
    whole,
)
from workbench.converting.unloadable import unloadable
from workbench.errors import InputError
from workbench.training import kinds

__all__ = ["FILE", "LEFT_OUT", "booster", "checked", "fields", "load", "parts", "write"]

FILE = "model.lightgbm.txt"
LEFT_OUT = (
    "The smallest and largest values of the training columns, the settings and the importances "
    "were left out; no prediction needs them."
)
HEADER = (
    *("version", "num_class", "num_tree_per_iteration", "label_index", "max_feature_idx"),
    *("objective", "average_output", "feature_names", "monotone_constraints", "feature_infos"),
)
LEAVES = ("leaf_value", "leaf_weight", "leaf_count")
SPLITS = (
    *("split_feature", "split_gain", "threshold", "decision_type", "left_child", "right_child"),
    *("internal_value", "internal_weight", "internal_count"),
)
NUMBER = re.compile(r"-?(\d{1,25}(\.\d{1,40})?([eE][+-]?\d{1,3})?|inf|nan)\Z")
RANGE = re.compile(r"\[[^\s:\[\]]+:[^\s:\[\]]+\]\Z")  # smallest and largest value of a column
NO_RANGE = "[-inf:inf]"
NAME = re.compile(r"[^\s:=]{1,500}\Z")
SIMPLE = re.compile(r"[A-Za-z0-9_.:,+-]{1,200}( [A-Za-z0-9_.:,+-]{1,200}){0,20}\Z")


def booster(model: Any) -> Any:
    """Return LightGBM's own model, also from inside its scikit-learn interface."""
    return model if kinds.descends(model, "lightgbm.basic", "Booster") else model.booster_


def write(model: Any, path: Path) -> None:
    """Write a fitted model as text, without what no prediction needs.

    Raises:
        InputError: a model whose text has parts that are not known here, such as linear leaves.
    """
    text = booster(model).model_to_string(num_iteration=-1)
    try:
        spelled = checked(text)
    except (ValueError, LookupError) as error:
        raise InputError(
            f"This {kinds.word(model)} has parts that could not be checked: {reason(error)}.",
            unchanged="Nothing was written.",
            hint="Train it with the usual kind of trees, without linear leaves.",
        ) from error
    path.write_text(spelled, "utf-8", newline="\n")


def load(path: Path) -> Any:
    """Return the model in a file, as LightGBM's own ``Booster``.

    Raises:
        TrustError: not a model, or one whose trees lead nowhere (step ``"model content"``).
        Unavailable: LightGBM is not installed.
    """
    lightgbm = _library()
    try:
        return lightgbm.Booster(model_str=checked(content(path).decode("utf-8")))
    except (lightgbm.basic.LightGBMError, ValueError, TypeError, LookupError) as error:
        raise unloadable(FILE, reason(error)) from error


def _library() -> Any:
    try:
        return import_module("lightgbm")
    except ImportError as error:
        raise missing("LightGBM", "lightgbm") from error


def checked(text: str) -> str:
    """Return a model's text spelled anew from what was understood of it.

    Raises:
        ValueError, LookupError: not the text of a model, or a tree leads out of itself.
    """
    given, blocks, rest = parts(text)
    header = _header(given)
    features = count(header["max_feature_idx"]) + 1
    per_round = count(header["num_tree_per_iteration"])
    trees = [_tree(block, number, features) for number, block in enumerate(blocks)]
    if not per_round or len(trees) % per_round or len(trees) > MAX_TREES:
        raise WrongError("it has more or fewer trees than it says")
    lines = [name if value is None else f"{name}={value}" for name, value in header.items()]
    categories = _categories(rest)
    return "\n".join(
        ["tree", *lines, "", *trees, "end of trees", "", f"pandas_categorical:{categories}", ""]
    )


def parts(text: str) -> tuple[dict[str, str | None], list[str], str]:
    """Return the beginning of a model's text, the text of each tree, and what follows them.

    Raises:
        WrongError: it is no such text.
    """
    body, found, rest = text.partition("\nend of trees\n")
    blocks = [block for block in re.split(r"\n{2,}", body) if block.strip()]
    if not found or not blocks or not blocks[0].startswith("tree\n"):
        raise WrongError("it does not begin or end as a model does")
    return fields(blocks[0].removeprefix("tree\n")), blocks[1:], rest


def fields(block: str) -> dict[str, str | None]:
    """Return what a part of a model's text says, by name; ``None`` of a name by itself.

    Raises:
        WrongError: a name is given twice.
    """
    found: dict[str, str | None] = {}
    for line in block.strip("\n").split("\n"):
        name, equals, value = line.partition("=")
        if name in found:
            raise WrongError("a name is given twice")
        found[name] = value if equals else None
    return found


def _header(given: dict[str, str | None]) -> dict[str, str | None]:
    given.pop("tree_sizes", None)  # a second account of where trees begin; the library trusts it
    unknown = set(given) - set(HEADER)
    if unknown or given.get("average_output") is not None:
        raise WrongError("its beginning has parts that are not known")
    found = {name: given[name] for name in HEADER if name in given}
    features = count(found["max_feature_idx"]) + 1
    names, infos = _words(found["feature_names"]), _words(found["feature_infos"])
    if len(names) != features or len(infos) != features or not all(map(NAME.match, names)):
        raise WrongError("it has more or fewer columns than it says")
    found["feature_infos"] = " ".join(_without_range(one) for one in infos)
    classes, per_round = count(found["num_class"]), count(found["num_tree_per_iteration"])
    if not 0 < classes <= per_round or per_round > 2**20:
        raise WrongError("its classes do not fit its trees")
    if "monotone_constraints" in found:
        _list(found, "monotone_constraints", features)
    for name in ("version", "label_index", "objective"):
        if name in found and not SIMPLE.match(found[name] or ""):
            raise WrongError("its beginning cannot be read")
    return found


def _without_range(info: str) -> str:
    if RANGE.match(info):
        return NO_RANGE
    if info != "none" and not re.fullmatch(r"-?\d+(:-?\d+)*", info):
        raise WrongError("what it says of a column cannot be read")
    return info


def _tree(block: str, number: int, features: int) -> str:
    given = fields(block)
    if given.pop("Tree", None) != str(number):
        raise WrongError("its trees are not in order")
    leaves, groups = count(given["num_leaves"]), count(given["num_cat"])
    if given.get("is_linear", "0") != "0" or not 0 < leaves < 2**24:
        raise WrongError("its leaves are of a kind that is not known here")
    lengths = dict.fromkeys(LEAVES, leaves) | dict.fromkeys(SPLITS, leaves - 1)
    single = {"num_leaves", "num_cat", "is_linear", "shrinkage"}
    by_category = {"cat_boundaries", "cat_threshold"} if groups else set()
    if set(given) - set(lengths) - single - by_category:
        raise WrongError("a tree has parts that are not known")
    for name, length in lengths.items():
        if name in given and leaves > 1:  # a tree of one leaf has empty lists of any kind
            _list(given, name, length)
    _list(given, "leaf_value", leaves)
    if not NUMBER.match(given["shrinkage"] or ""):
        raise WrongError("a tree's weight is no number")
    if leaves > 1:
        _inside(given, leaves, features, groups)
    lines = [f"{name}={value or ''}" for name, value in given.items()]
    return "\n".join([f"Tree={number}", *lines, "", ""])


def _inside(given: dict[str, str | None], leaves: int, features: int, groups: int) -> None:
    """Refuse a tree whose children, columns or categories are not there."""
    ends = leaves - 1
    left = whole(_integers(given, "left_child"), ends, ends, "its children", lowest=-leaves)
    right = whole(_integers(given, "right_child"), ends, ends, "its children", lowest=-leaves)
    reached = follow(left, right)
    fallen = sorted(~child for child in [*left, *right] if child < 0)
    if len(reached) != ends or fallen != list(range(leaves)):
        raise WrongError("a tree does not lead to each of its leaves")
    whole(_integers(given, "split_feature"), ends, features, "the columns of a tree")
    kind = whole(_integers(given, "decision_type"), ends, 16, "the splits of a tree")
    values = _words(given["threshold"])
    chosen = [values[node] for node in range(ends) if kind[node] & 1]
    if not all(re.fullmatch(r"[0-9]{1,9}", one) and int(one) < groups for one in chosen):
        raise WrongError("the categories of a tree do not fit its splits")
    if groups:
        marks = _integers(given, "cat_boundaries")
        words = _integers(given, "cat_threshold")
        whole(marks, groups + 1, len(words) + 1, "the categories of a tree")
        whole(words, None, 2**32, "the categories of a tree")
        if marks[0] != 0 or marks[-1] != len(words) or sorted(marks) != marks:
            raise WrongError("the categories of a tree do not fit its splits")


def _categories(rest: str) -> str:
    """Return the categories of a table's columns, which the library reads as JSON."""
    lines = [line for line in rest.split("\n") if line.startswith("pandas_categorical:")]
    if not lines:
        return "null"
    try:
        value = json.loads(lines[-1].removeprefix("pandas_categorical:"))
    except RecursionError as error:
        raise WrongError("it is nested too deeply") from error
    plain = (str, int, float, bool)
    if value is None or (
        isinstance(value, list)
        and all(isinstance(one, list) and all(type(x) in plain for x in one) for one in value)
    ):
        return json.dumps(value)
    raise WrongError("its categories are no lists")


def _words(text: str | None) -> list[str]:
    return (text or "").split()


def _list(given: dict[str, str | None], name: str, length: int) -> None:
    found = _words(given[name])
    if len(found) != length or not all(NUMBER.match(one) for one in found):
        raise WrongError("a list of it has another length than it should, or no numbers")


def _integers(given: dict[str, str | None], name: str) -> list[int]:
    found = _words(given[name])
    if not all(re.fullmatch(r"-?[0-9]{1,12}", one) for one in found):
        raise WrongError("a list of it holds something else than whole numbers")
    return [int(one) for one in found]
