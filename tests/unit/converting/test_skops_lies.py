"""Trees that lie about themselves, in skops files and pickles: refused in words, and no crash."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io as skops
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from tests.unit.converting.making import made, refused
from tests.unit.converting.samples import FULL, Y
from workbench.converting.loading import load
from workbench.errors import TrustError
from workbench.findings.scan import Outcome
from workbench.scanning.scan import scan

TREE = "sklearn.tree._tree.Tree"
FAR = 1 << 40
MODEL = DecisionTreeClassifier(max_depth=2, random_state=0).fit(FULL, Y)


def nodes(part: Any, loader: str) -> list[dict[str, Any]]:
    """All parts of a schema with a loader."""
    held = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    found = [one for inner in held for one in nodes(inner, loader)]
    return [part, *found] if isinstance(part, dict) and part.get("__loader__") == loader else found


def changed(change: Callable[[dict[str, Any]], None], model: Any = MODEL) -> bytes:
    """A file of a model whose schema was changed; it has one more array, of no whole number."""
    source = zipfile.ZipFile(io.BytesIO(skops.dumps(model)))
    schema = json.loads(source.read("schema.json"))
    change(schema)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            if name != "schema.json":
                target.writestr(name, source.read(name))
        more = io.BytesIO()
        np.save(more, np.array([2.5]))
        target.writestr("more.npy", more.getvalue())
        target.writestr("schema.json", json.dumps(schema))
    return written.getvalue()


def arguments(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What the first tree of a schema is made with."""
    found: list[dict[str, Any]] = nodes(schema, "TreeNode")[0]["__reduce__"]["args"]["content"]
    return found


def number(value: Any, identity: int = 1) -> dict[str, Any]:
    return {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(value),
        "is_json": True,
        "__id__": identity,
    }


def outputs(value: Any) -> Callable[[dict[str, Any]], None]:
    def change(schema: dict[str, Any]) -> None:
        arguments(schema)[2] = number(value)

    return change


def with_two_faces(schema: dict[str, Any]) -> None:
    """The number of outputs reads 1, and skops takes what had that identity before it."""
    arguments(schema)[2]["__id__"] = 7
    schema["content"]["content"] = {"a": number(FAR, 7), **schema["content"]["content"]}


def without_one(schema: dict[str, Any]) -> None:
    arguments(schema).pop()


def of_another_file(schema: dict[str, Any]) -> None:
    arguments(schema)[1]["file"] = "more.npy"


def of_no_file(schema: dict[str, Any]) -> None:
    arguments(schema)[1]["file"] = "gone.npy"


def of_words(schema: dict[str, Any]) -> None:
    array = arguments(schema)[1]
    del array["file"]
    array.update({"type": "json", "content": [], "shape": number([0])})


def as_another_thing(loader: str) -> Callable[[dict[str, Any]], None]:
    """A tree that stands as something else in a schema, which is made by calling its class."""

    def change(schema: dict[str, Any]) -> None:
        tree = nodes(schema, "TreeNode")[0]
        arguments(schema)[2] = number(FAR)
        given = tree["__reduce__"]["args"]["content"]
        tree["__loader__"] = loader
        if loader != "LossNode":
            tree["content"] = given

    return change


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "more outputs than numbers": outputs(2),
    "many more": outputs(1 << 24),
    "outputs without end": outputs(FAR),
    "fewer outputs than none": outputs(-1),
    "no outputs": outputs(0),
    "half an output": outputs(1.5),
    "outputs in words": outputs("1"),
    "two faces": with_two_faces,
    "without one": without_one,
    "numbers that are none": of_another_file,
    "numbers that are nowhere": of_no_file,
    "numbers in words": of_words,
    **{
        f"as a {loader}": as_another_thing(loader)
        for loader in ("LossNode", "TupleNode", "ListNode", "SetNode", "SliceNode")
    },
}


@pytest.mark.parametrize("name", LIES)
def test_lies_are_refused(name: str, tmp_path: Path) -> None:
    """Also by whoever trusts the owner. Read in this process, which has to survive it."""
    (tmp_path / "model.skops").write_bytes(changed(LIES[name]))
    with pytest.raises(TrustError, match="is not a model that can be loaded") as caught:
        load(tmp_path, trust=[TREE])
    assert caught.value.step == "model content"
    assert caught.value.unchanged == "Nothing was loaded."


def test_an_unchanged_file_is_loaded(tmp_path: Path) -> None:
    """It is the changes that are refused."""
    (tmp_path / "model.skops").write_bytes(changed(lambda _: None))
    again = load(tmp_path, trust=[TREE])
    np.testing.assert_array_equal(again.predict(FULL), MODEL.predict(FULL))


@pytest.mark.parametrize(
    ("loader", "module", "name"),
    [
        ("LossNode", "sklearn.tree._tree", "Tree"),
        ("LossNode", "sklearn.tree._classes", "Tree"),
        ("TreeNode", "sklearn.tree._classes", "DecisionTreeClassifier"),
        ("NdArrayNode", "sklearn.tree._tree", "Tree"),
    ],
)
def test_a_scan_tells_what_stands_as_another_thing(loader: str, module: str, name: str) -> None:
    """Whoever opens the file with skops alone is warned as well."""

    def change(schema: dict[str, Any]) -> None:
        part = nodes(schema, "TreeNode")[0]
        part.update({"__loader__": loader, "__module__": module, "__class__": name})

    (found,) = scan([("m", io.BytesIO(changed(change)))], clock=lambda: 0.0).files
    assert found.outcome is Outcome.unsafe
    assert "skops-type" in {one.rule for one in found.findings}


class Lie:
    """Is pickled as a tree with more outputs than numbers."""

    def __init__(self, *made_with: Any) -> None:
        self.made_with = made_with

    def __reduce__(self) -> Any:
        return Tree, self.made_with


@pytest.mark.parametrize(
    "made_with",
    [(3, np.array([2]), FAR), (3, np.array([2]), -1), (3, [2], 1), (3,), ()],
    ids=["more", "fewer", "no array", "little", "nothing"],
)
def test_a_pickle_makes_no_such_tree(made_with: tuple[Any, ...]) -> None:
    """scikit-learn itself asks whether as many numbers are there as it is told."""
    assert "cannot be made a model" in refused(pickle.dumps(Lie(*made_with)), "pickle")


def test_a_pickled_tree_is_made() -> None:
    again = made(pickle.dumps(MODEL))
    np.testing.assert_array_equal(again.predict(FULL), MODEL.predict(FULL))
