"""skops files: a tree of named types, each of which is made when the file is loaded.

skops asks before it makes a type that it does not trust, but what it trusted has been too much
(CVE-2025-54412 operator functions, CVE-2025-54413 methods, CVE-2025-54886 model cards that fall
back to joblib). Here each name has to be on the list that pickles are held to.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

from workbench.findings.finding import Finding, Level
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import objects
from workbench.scanning.wording import escaped

__all__ = ["Known", "scan_schema"]

Known = Callable[[str, str], bool]  # whether a module and a name in it are known and harmless

_PLAIN = ("int", "float", "str", "bool", "list", "tuple", "dict", "set", "bytes", "bytearray")
# Loaders and the only types that skops writes them for; a disagreement is somebody's trick.
_TYPES = {
    "JsonNode": {("builtins", "str")},
    "DictNode": {
        *(("builtins", "dict"), ("collections", "OrderedDict")),
        ("sklearn.utils._bunch", "Bunch"),
    },
    "DefaultDictNode": {("collections", "defaultdict")},
    "ListNode": {("builtins", "list")},
    "SetNode": {("builtins", "set")},
    "TupleNode": {("builtins", "tuple")},
    "BytesNode": {("builtins", "bytes")},
    "BytearrayNode": {("builtins", "bytearray")},
    "SliceNode": {("builtins", "slice")},
    "DTypeNode": {("numpy", "dtype")},
    "RandomStateNode": {("numpy.random.mtrand", "RandomState")},
    "RandomGeneratorNode": {("numpy.random._generator", "Generator")},
    "MaskedArrayNode": {("numpy.ma", "MaskedArray"), ("numpy.ma.core", "MaskedArray")},
}
# Loaders whose type has to be on the list.
_CHECKED = {
    *("ObjectNode", "TypeNode", "FunctionNode", "NdArrayNode", "SparseMatrixNode", "LossNode"),
    *("TreeNode", "ReduceNode", "_DictWithDeprecatedKeysNode"),
}
# Of these, the ones that call what they name, and where all that they may name is from.
_CALLING = {
    "LossNode": ("sklearn._loss._loss", "sklearn.linear_model._sgd_fast"),
    "TreeNode": ("sklearn.tree._tree",),
    "NdArrayNode": ("numpy",),
}
# Compiled classes that read what they are given without checking it.
_NATIVE = {
    ("sklearn.tree._tree", "Tree"),
    ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor"),
    ("sklearn.neighbors._kd_tree", "KDTree"),
    ("sklearn.neighbors._ball_tree", "BallTree"),
    *(("sklearn.svm._classes", name) for name in ("NuSVC", "NuSVR", "OneClassSVM", "SVC", "SVR")),
}
_REMEDY = "Build the model from classes of scikit-learn only, and save it again."


def scan_schema(
    value: Any, names: Collection[str], place: str, budget: Budget, known: Known
) -> Scan:
    """Return what was found in the ``schema.json`` of a skops file.

    Args:
        value: the document.
        names: the members of the archive, which it refers to.
        known: the list of names.
    """
    scan = Scan("skops", reason="All types that it names are known, and it cannot run other code.")
    if not isinstance(value, dict) or "__loader__" not in value:
        why = "It does not describe a model of skops."
        scan.add(finding("skops-schema", place, "schema.json", why, remedy=_REMEDY))
        return scan
    members = frozenset(names)
    native: set[str] = set()
    for node in objects(value, budget):
        if not {"__loader__", "__class__", "__module__"} & node.keys():
            continue
        module, name = node.get("__module__"), node.get("__class__")
        if isinstance(module, str) and isinstance(name, str) and node.get("__loader__") in _CHECKED:
            scan.names.add(f"{module}.{name}")
            if (module, name) in _NATIVE or node["__loader__"] == "SparseMatrixNode":
                native.add(name)
        for found in _check(node, members, place, known):
            scan.add(found)
    if native:
        why = "Numbers made up on purpose could crash the program that predicts with it."
        what = ", ".join(sorted(native))
        remedy = (
            "Open it with Workbench, which checks these numbers, or only if you trust its owner."
        )
        scan.add(finding("native-state", place, what, why, level=Level.note, remedy=remedy))
    return scan


def _check(
    node: dict[str, Any], members: frozenset[str], place: str, known: Known
) -> Iterator[Finding]:
    loader, module, name = (node.get(key) for key in ("__loader__", "__module__", "__class__"))
    if not (isinstance(loader, str) and isinstance(module, str) and isinstance(name, str)):
        why = "A part of it does not say what it is."
        yield finding("skops-schema", place, "node", why, remedy=_REMEDY)
        return
    what = escaped(f"{loader} {module}.{name}")
    if loader == "CachedNode":
        pass
    elif loader in _TYPES:
        if (module, name) not in _TYPES[loader]:
            why = "A part of it says that it is one thing, and would be made as another."
            yield finding("skops-type", place, what, why, remedy=_REMEDY)
    elif loader == "PartialNode" and (module, name) == ("functools", "partial"):
        pass  # what it holds is checked as every other part; it is not called on loading
    elif module not in _CALLING.get(loader, (module,)):
        why = "A part of it says that it is one thing, and would be made as another."
        yield finding("skops-type", place, what, why, remedy=_REMEDY)
    elif loader not in _CHECKED:
        why = "A part of it calls or reaches for something by name, which can be abused."
        yield finding("skops-loader", place, what, why, remedy=_REMEDY)
    elif not (module == "builtins" and name in _PLAIN and loader == "TypeNode") and not known(
        module, name
    ):
        why = "It names something that is not known to be harmless."
        yield finding("skops-type", place, what, why, remedy=_REMEDY)
    yield from _check_file(node, members, place)


def _check_file(node: dict[str, Any], members: frozenset[str], place: str) -> Iterator[Finding]:
    if "file" in node and node["file"] not in members:
        shown = escaped(str(node["file"])[:200], 60)
        why = "It refers to a file that is not in the archive."
        yield finding("skops-file", place, shown, why, remedy="Save the model again.")
    if node.get("type") == "json" and not isinstance(node.get("content"), list | dict | str):
        why = "A part of it does not say what it is."
        yield finding("skops-schema", place, "node", why, remedy=_REMEDY)
    if node.get("is_json") and isinstance(node.get("content"), str):
        try:
            json.loads(node["content"])
        except (ValueError, RecursionError):
            why = "A value in it is not what it says."
            yield finding("skops-schema", place, "value", why, remedy="Save the model again.")
