"""Whether a model can carry a mark, by the kinds of its files; known before any of them is opened.

How many weights a file has is seen only when a copy is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from workbench.errors import InputError, TrustError, Unavailable
from workbench.findings.statement import read
from workbench.services.marks import marker

__all__ = ["WEIGHTS", "check", "why_not"]

WEIGHTS: Final = "safetensors"  # the kind of file that can carry a mark
# Texts and pictures: all that may lie beside weights that carry a mark.
_BESIDE: Final = frozenset(
    {"empty", "gif", "jpeg", "json", "keras config", "keras metadata", "notebook", "png"}
    | {"sentencepiece", "template", "text"}
)


def check(kinds: Mapping[str, str]) -> None:
    """Check files, given as their kinds by their names.

    Raises:
        InputError: none of them is safetensors, or another one could hold the same weights
            without a mark.
    """
    if WEIGHTS not in kinds.values():
        raise InputError(
            "This model cannot carry a mark: none of its files is safetensors.",
            unchanged="No file was made.",
            hint="Save the weights with safetensors, or leave the mark out.",
        )
    for name, kind in kinds.items():
        if kind != WEIGHTS and kind not in _BESIDE:
            raise InputError(
                f"{name} ({kind}) could hold the same weights without a mark; with those anybody "
                "takes the mark out.",
                unchanged="No file was made.",
                hint="Share the safetensors files with their texts only, or leave the mark out.",
            )


def why_not(statements: Iterable[Mapping[str, Any]]) -> str | None:
    """Return why copies of a release cannot be marked from here; ``None`` as far as they can.

    ``statements`` are what its owner signed (in-toto); where they do not say what kinds of files
    there are, only making a copy shows it.
    """
    try:
        report = read(statements).scan
        if report is not None:
            check({file.path: file.kind for file in report.files})
        marker()
    except TrustError:
        return None  # shown where it is read
    except (InputError, Unavailable) as error:
        return error.message
    return None
