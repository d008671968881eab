"""JSON documents that come with models: settings that make a program run or fetch code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from workbench.findings.finding import Finding, Level
from workbench.findings.scan import Outcome
from workbench.scanning.contract import Budget, Scan, finding
from workbench.scanning.documents import objects, texts
from workbench.scanning.keras_config import check_object, is_config
from workbench.scanning.notebooks import is_notebook, scan_notebook
from workbench.scanning.templates import check_template
from workbench.scanning.wording import escaped

__all__ = ["scan_json"]

# Settings of Hugging Face libraries that name code beside the model, to be imported and run.
REMOTE = ("auto_map", "custom_pipelines", "custom_pipeline", "trust_remote_code")
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
    if isinstance(one.get("_target_"), str):
        yield finding(
            "json-target",
            place,
            escaped(one["_target_"]),
            "It names a function to be called, which Hydra and programs like it do.",
            level=Level.concern,
            remedy="Look up what the function does before using the configuration.",
        )
    for key, value in one.items():
        if "chat_template" in key:
            for text in texts(value, budget):
                yield from check_template(text, place, budget)
