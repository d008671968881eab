"""JSON documents that come with models: settings that make a program run or fetch code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.findings.finding import Finding
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import objects, texts
from workbench.scanning.keras_config import check_object, is_config
from workbench.scanning.notebooks import is_notebook, scan_notebook
from workbench.scanning.recipes import check_references
from workbench.scanning.settings import CALLS, KNOWN_CODE, named_code
from workbench.scanning.targets import is_dotted, is_module_type, is_part
from workbench.scanning.templates import check_template

__all__ = ["scan_json"]

# Settings of Hugging Face libraries that name code beside the model, to be imported and run.
REMOTE = ("auto_map", "custom_pipelines", "custom_pipeline", "trust_remote_code")
# Libraries that peft may take a model's class from.
LIBRARIES = ("transformers", "diffusers", "sentence_transformers", "peft", "timm")
# jsonpickle makes any object that a document names.
PICKLED = ("py/object", "py/reduce", "py/type", "py/function", "py/repr", "py/newargs", "py/state")


def scan_json(value: Any, place: str, budget: Budget) -> Scan:
    """Return what was found in the value of a JSON document."""
    if is_notebook(value):
        return scan_notebook(value, place, budget)
    scan = Scan("json", reason="It is plain data, and cannot run code.")
    if is_config(value):
        scan.kind = "keras config"
        scan.worsen(Outcome.allowed, "It names only layers that come with Keras.")
    elif isinstance(value, dict) and {"learner", "version"} <= value.keys():
        scan.kind = "xgboost json"
    for one in objects(value, budget):
        for found in _check(one, place, budget):
            scan.add(found)
            if found.rule == KNOWN_CODE:
                scan.worsen(Outcome.allowed, CALLS)
        for found in check_object(one, place):
            scan.add(found)
    return scan


def _check(one: dict[str, Any], place: str, budget: Budget) -> Iterator[Finding]:
    for key in REMOTE:
        if one.get(key):
            yield finding(
                "remote-code",
                place,
                key,
                "It asks the program that loads the model to run code that comes with it.",
                remedy=f"Take {key} out, and use a model that its library knows.",
            )
    for key in PICKLED:
        if key in one:
            yield finding(
                "json-objects",
                place,
                key,
                "It names objects to be made, which jsonpickle does without asking.",
                remedy="Keep plain values only.",
            )
    yield from check_references(one, place)
    yield from _named(one, place)
    if "_class_name" in one:
        yield from _parts(one, place)
    for key, value in one.items():
        if "chat_template" in key:
            for text in texts(value, budget):
                yield from check_template(text, place, budget)


def _named(one: dict[str, Any], place: str) -> Iterator[Finding]:
    """Yield what an object names under a key by which programs find code."""
    if "_target_" in one:
        target = one["_target_"]
        yield named_code("_target_", target if isinstance(target, str) else "?", place)
    for key, beside in (("class_path", None), ("loader_module", None), ("target", "params")):
        target = one.get(key)
        if not isinstance(target, str) or not (is_dotted(target) or key == "loader_module"):
            continue
        if beside is None or isinstance(one.get(beside), dict):
            yield named_code(key, target, place)
    library = one.get("parent_library")
    if isinstance(library, str) and library.partition(".")[0] not in LIBRARIES:
        yield named_code("parent_library", library, place)
    if "loader_module" in one and one.get("code"):
        yield named_code("code", str(one["code"])[:100], place)
    kind = one.get("type") if {"idx", "path"} <= one.keys() else None
    if isinstance(kind, str) and not is_module_type(kind):
        yield named_code("type", kind, place)


def _parts(one: dict[str, Any], place: str) -> Iterator[Finding]:
    """Yield what diffusers would import for the parts of a pipeline."""
    if not (isinstance(one["_class_name"], str) and one["_class_name"].isidentifier()):
        yield named_code("_class_name", str(one["_class_name"])[:100], place)
    for key, value in one.items():
        pair = isinstance(value, list) and len(value) == 2
        texts_only = pair and all(isinstance(part, str) for part in value)
        if texts_only and not is_part(value[0]):
            yield named_code(key, f"{value[0]}.{value[1]}", place)
