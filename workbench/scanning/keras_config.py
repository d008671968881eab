"""Keras configurations: layers by name, some of which run code, read files or fetch them.

Looked at wherever they are: ``config.json`` of a ``.keras`` file, attributes of HDF5, metadata of
a SavedModel. See CVE-2024-3660 (Lambda in old files), CVE-2025-1550 (any module), CVE-2025-8747
(``get_file``), CVE-2025-9906 (unsafe mode switched on from within), CVE-2025-12058 (vocabularies
read from paths), CVE-2025-49655 (a pickled torch module).
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from typing import Any

from workbench.findings.finding import Finding, Level
from workbench.scanning.contract import Budget, finding
from workbench.scanning.documents import objects
from workbench.scanning.wording import escaped

__all__ = ["check_config", "check_object", "is_config"]

# Modules whose classes and functions only compute.
MODULES = {
    *("activations", "applications", "constraints", "dtype_policies", "initializers", "layers"),
    *("losses", "metrics", "mixed_precision", "models", "ops", "optimizers", "quantizers"),
    *("random", "regularizers"),
}
PLAIN = {"__tuple__", "__tensor__", "__numpy__", "__bytes__", "__slice__", "__ellipsis__"}
# Classes of Keras that do more than compute.
RUNS = {
    "Lambda": "The layer Lambda carries code, and runs it.",
    "__lambda__": "It carries a function as code, and runs it.",
    "TFSMLayer": "The layer TFSMLayer loads a TensorFlow program from a path.",
    "TorchModuleWrapper": "The layer TorchModuleWrapper unpickles what it carries.",
    "TFOpLambda": "",  # by the function it names
    "SlicingOpLambda": "",
    "PyFunc": "It calls a function of Python.",
}
# Older versions of Keras take what they do not know from the module that is named with it.
_PYTHON = frozenset(dir(builtins)) - {"abs", "max", "min", "pow", "round", "sum"}
NOT_FUNCTIONS = {"load_model", "model_from_json", "save_model", "load_weights", "Model.from_config"}
_OPERATION = re.compile(
    r"(?:math|nn|linalg|signal|image|strings|__operators__)\.[\w.]+\Z|"
    r"(?:cast|reshape|concat|stack|unstack|split|tile|shape|expand_dims|squeeze|transpose|where|"
    r"zeros_like|ones_like|gather|one_hot|clip_by_value|identity|broadcast_to|slice|pad|range|fill|"
    r"strided_slice|convert_to_tensor|stop_gradient|reduce_\w+)\Z"
)
_REMEDY = "Build the model from layers that come with Keras, and save it again."


def is_config(value: Any) -> bool:
    """Tell whether a document describes an object of Keras."""
    return isinstance(value, dict) and "class_name" in value and "config" in value


def check_config(value: Any, place: str, budget: Budget) -> Iterator[Finding]:
    """Yield what is dangerous in a configuration, or in a document that holds some."""
    for one in objects(value, budget):
        yield from check_object(one, place)


def check_object(one: dict[str, Any], place: str) -> Iterator[Finding]:
    """Yield what is dangerous in one object of a document, apart from the objects inside it."""
    if "class_name" in one:
        yield from _check_object(one, place)
    for key in ("function_type", "output_shape_type", "mask_type"):
        if one.get(key) == "lambda":
            yield _found(place, key, "It carries a function as code, and runs it.")


def _check_object(one: dict[str, Any], place: str) -> Iterator[Finding]:
    name, module, config = one["class_name"], one.get("module"), one.get("config")
    if not isinstance(name, str):
        yield _found(place, "class_name", "The name of a layer is not a text.")
        return
    if name.rpartition(".")[2].rpartition(">")[2] in RUNS or "lambda" in name.lower():
        yield from _check_runs(name, config, place)
    elif module is not None and not _is_known(module, name, config):
        what = f"{module}.{name}" if isinstance(module, str) else name
        why = "It asks for something by name that is no layer of Keras."
        yield _found(place, escaped(what), why)
    elif isinstance(config, dict) and isinstance(config.get("vocabulary"), str):
        yield _found(place, escaped(name), "It reads a vocabulary from another file or address.")
    elif module is None and not re.fullmatch(r"[A-Za-z_][\w>. -]{0,99}", name):
        yield _found(place, escaped(name), "The name of a layer is not a name.")
    elif ">" in name or _is_own(one.get("registered_name")):
        yield finding(
            "keras-own-class",
            place,
            escaped(f"{one.get('registered_name') or name}"),
            "It needs a class that is not part of Keras; whoever opens it has to have the code.",
            level=Level.concern,
            remedy=_REMEDY,
        )


def _check_runs(name: str, config: Any, place: str) -> Iterator[Finding]:
    why = RUNS.get(name.rpartition(".")[2].rpartition(">")[2], "It carries code, and runs it.")
    if why:
        yield _found(place, escaped(name), why)
        return
    function = config.get("function") if isinstance(config, dict) else None
    if not isinstance(function, str) or not _OPERATION.match(function):
        what = function if isinstance(function, str) else name
        yield _found(place, escaped(what), "It calls a function that may do more than compute.")


def _is_known(module: Any, name: str, config: Any) -> bool:
    if not isinstance(module, str) or not re.fullmatch(r"[A-Za-z_][\w.]*", module):
        return False
    if module == "builtins":
        return name in PLAIN or (name == "function" and _is_plain_function(config))
    parts = [part for part in module.split(".") if part != "src"]
    if parts[0] == "tf_keras":
        parts[0] = "keras"
    if name == "function" and not _is_plain_function(config):
        return False
    if parts[:2] == ["keras", "backend"] and parts[3:4] == ["optimizers"]:
        parts = ["keras", "optimizers"]  # what a layer is trained with has one for each backend
    if parts == ["keras"]:
        return name in ("Functional", "Model", "Sequential", "DTypePolicy", "KerasTensor")
    return parts[0] == "keras" and parts[1] in MODULES and name not in NOT_FUNCTIONS


def _is_plain_function(config: Any) -> bool:
    return (
        isinstance(config, str)
        and re.fullmatch(r"[a-z][a-z0-9_]{0,60}", config) is not None
        and config not in NOT_FUNCTIONS
        and config not in _PYTHON
    )


def _is_own(registered: Any) -> bool:
    return isinstance(registered, str) and ">" in registered and not registered.startswith("keras>")


def _found(place: str, what: str, why: str) -> Finding:
    return finding("keras-config", place, what, why, remedy=_REMEDY)
