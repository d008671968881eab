"""What a model would be made with, checked before it is made.

Most parts of a model can be looked at once they are there (:mod:`workbench.converting.sound`). A
decision tree of scikit-learn cannot: while it is made it reads as many numbers of classes as it is
told that there are outputs, whether they are there or not. So the file is asked first, by the rules
that skops reads it by; whatever a tree says in another way than skops writes it is refused.

Source: ``Tree.__cinit__`` in ``sklearn/tree/_tree.pyx`` 1.9; ``TreeNode`` and ``get_tree`` of skops
0.16, where of two nodes with one ``__id__`` the first stands for both.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import numpy as np

__all__ = ["MadeUp", "check_tree", "check_trees"]

MAX_SCHEMA = 2**28  # bytes; a forest of a thousand trees needs three million
MAX_CLASSES = 2**24  # bytes of one list of numbers of classes
ARGUMENTS = ("JsonNode", "NdArrayNode", "JsonNode")


class MadeUp(ValueError):
    """A tree would be made with something that no fitted tree has."""


def check_tree(features: object, classes: object, outputs: object) -> None:
    """Check what a ``Tree`` is made with: as many numbers of classes as outputs.

    Raises:
        MadeUp: it would read beside its numbers, or they are none.
    """
    whole = type(features) is int and type(outputs) is int
    if not whole or not isinstance(classes, np.ndarray) or classes.dtype.kind not in "iu":
        raise MadeUp("a decision tree in it is made of something else than numbers")
    fits = classes.shape == (outputs,) and classes.size and classes.min() >= 1
    if not fits or not 0 <= features < 2**31:  # type: ignore[operator]
        raise MadeUp("a decision tree in it has more or fewer outputs than it says")


def check_trees(content: bytes) -> None:
    """Check all trees of a skops file, without making anything of it.

    Raises:
        MadeUp: a tree would read beside its numbers, or is described as skops does not.
        Exception: whatever reading a damaged archive raises.
    """
    with ZipFile(io.BytesIO(content)) as archive:
        nodes = list(_nodes(json.loads(_member(archive, "schema.json", MAX_SCHEMA))))
        trees = [node for node in nodes if node["__loader__"] == "TreeNode"]
        two_faced = _two_faced(nodes) if trees else set()
        for tree in trees:
            check_tree(*_arguments(tree, archive, two_faced))


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a schema that a loader is named for, in no particular order."""
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "__loader__" in one:
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _two_faced(nodes: list[dict[str, Any]]) -> set[Any]:
    """Return the identities that different nodes have."""
    first: dict[Any, dict[str, Any]] = {}
    return {
        node["__id__"]
        for node in nodes
        if node["__loader__"] != "CachedNode"
        and node.get("__id__") is not None
        and node != first.setdefault(node["__id__"], node)
    }


def _arguments(tree: dict[str, Any], archive: ZipFile, two_faced: set[Any]) -> Iterator[Any]:
    """Yield what a tree is made with; nothing but plain numbers is read for that."""
    given = tree["__reduce__"]["args"]
    parts = given["content"]
    plain = (given["__loader__"], given["__module__"], given["__class__"])
    if plain != ("TupleNode", "builtins", "tuple") or type(parts) is not list:
        raise MadeUp("a decision tree in it is described in another way than skops does")
    if tuple(part["__loader__"] for part in parts) != ARGUMENTS:
        raise MadeUp("a decision tree in it is made of something else than numbers")
    if any(node.get("__id__") in two_faced for node in (given, *parts)):
        raise MadeUp("a part of it is described twice, and differently")
    for part in parts:
        if part["__loader__"] == "JsonNode":
            yield json.loads(part["content"])
        elif (part["type"], part["__module__"], part["__class__"]) == ("numpy", "numpy", "ndarray"):
            data = _member(archive, part["file"], MAX_CLASSES)
            yield np.load(io.BytesIO(data), allow_pickle=False)
        else:
            raise MadeUp("a decision tree in it is made of something else than numbers")


def _member(archive: ZipFile, name: str, most: int) -> bytes:
    if archive.getinfo(name).file_size > most:
        raise MadeUp("a part of it is larger than in any model")
    return archive.read(name)
