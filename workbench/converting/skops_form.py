"""scikit-learn models as skops files, which make known types only and run no code."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from workbench.converting import sound
from workbench.converting.unloadable import unloadable
from workbench.errors import InputError, TrustError, Unavailable
from workbench.findings.finding import Level
from workbench.findings.scan import Outcome
from workbench.scanning.scan import scan
from workbench.training import kinds
from workbench.training.settings import MAX_TEXT

__all__ = ["FILE", "NAMEABLE", "content", "load"]

FILE = "model.skops"
# What may be named to `load`: classes of models in scikit-learn, by their spelling. No function and
# no tool of it: a made-up file could have those called with arguments of its choice.
NAMEABLE = re.compile(r"sklearn\.(?!(?:datasets|externals|tests|utils)\.)(?:\w+\.)+_?[A-Z]\w*\Z")


class _Odd(Exception):
    """What is wrong with a file, in words."""


def content(model: Any) -> tuple[bytes, list[str]]:
    """Return a model as a file's content, and the types in it that are not known to be safe.

    Raises:
        InputError: a kind of model that cannot be shared this way, one that has not been fitted, or
            one with parts that a recipient could not load.
        Unavailable: skops is not installed.
    """
    if kinds.framework(model) != "scikit-learn" or not kinds.is_model(model):
        raise InputError(
            f"A {kinds.word(model)} cannot be shared from here.",
            unchanged="Nothing was shared.",
            hint="Share a fitted scikit-learn model, or save this one yourself and share its path.",
        )
    if not kinds.is_fitted(model):
        raise InputError(
            f"This {type(model).__name__} has not been fitted.",
            unchanged="Nothing was shared.",
            hint="Call its fit method first.",
        )
    skops = _skops()
    try:
        written = skops.dumps(model)
        unknown = skops.get_untrusted_types(data=written)
    except Exception as error:  # skops raises whatever the parts of a model raise
        raise InputError(
            f"This {type(model).__name__} cannot be saved: {str(error)[:MAX_TEXT]}.",
            unchanged="Nothing was shared.",
            hint="Leave out what holds files, connections or functions made in the notebook.",
        ) from error
    own = [name for name in unknown if not NAMEABLE.match(name)]
    if own:
        raise InputError(
            f"Recipients could not load this model; it uses {', '.join(own)[:MAX_TEXT]}.",
            unchanged="Nothing was shared.",
            hint="Use parts of scikit-learn only, or save it in another format and share its path.",
        )
    return written, list(unknown)


def load(path: Path, trust: Sequence[str] = ()) -> Any:
    """Load a model from a skops file; only types known to be safe are made.

    Some parts of scikit-learn (trees among them) run no code but are not proof against made-up
    contents; whoever trusts the owner names them in ``trust``. Their numbers are checked all the
    same before the model is returned.

    Raises:
        TrustError: the file asks for types outside the safe list, or its numbers are not those of a
            fitted model (step ``"model content"``).
        Unavailable: skops is not installed.
    """
    skops = _skops()
    allowed = [name for name in trust if NAMEABLE.match(name)]
    try:
        data = path.read_bytes()  # once: what is checked is what is loaded
        unknown = skops.get_untrusted_types(data=data)
        refused = [name for name in unknown if name not in allowed]
        if not refused:
            _look(data)
            model = skops.loads(data, trusted=allowed)
    except Exception as error:  # a hostile file can make skops raise anything
        why = str(error) if isinstance(error, _Odd) else type(error).__name__
        raise unloadable(FILE, why) from error
    if refused:
        raise _untrusted(refused)
    sound.check(model)
    return model


def _look(data: bytes) -> None:
    """Refuse parts that say they are one thing and would be made as another."""
    (found,) = scan([(FILE, io.BytesIO(data))], clock=time.monotonic).files
    if found.kind != "skops" or found.outcome is not Outcome.safe:
        worst = next((one for one in found.findings if one.level is Level.unsafe), None)
        why = worst.why if worst is not None else "What it is cannot be told."
        raise _Odd(why[0].lower() + why[1:].rstrip("."))


def _untrusted(names: list[str]) -> TrustError:
    hint = "Ask the owner for a release made of standard scikit-learn parts."
    if all(NAMEABLE.match(name) for name in names):
        hint = f"If you trust the owner not to have made them up: .load(trust={names!r})."
    return TrustError(
        "model content",
        f"the model asks for types that are not known to be safe: {', '.join(names)[:300]}.",
        unchanged="Nothing was loaded.",
        hint=hint,
    )


def _skops() -> Any:
    try:
        return import_module("skops.io")
    except ImportError as error:
        raise Unavailable(
            "Saving and loading scikit-learn models needs the package skops.",
            hint="pip install 'sharing-workbench[data]'",
        ) from error
