"""Tensors that are odd as a whole: unused, there twice, of unusual types, full of odd values."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

import numpy as np

from workbench.findings.finding import Finding, Level
from workbench.hidden.arrays import Held
from workbench.training.settings import clean

__all__ = ["LONG_NOTE", "odd_notes", "odd_tensors"]

LONG_NOTE = 4096  # characters
ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{256,}")  # base64 and the like
LEAST = 64  # numbers; smaller tensors are alike by chance
LARGE = 10_000
SCATTERED = 0.05  # of the numbers far too small, and as many far too large
LOWEST, HIGHEST = 1e-20, 1e15
LOOK_CLOSER = "Ask the owner what it is for, or leave it out."


def odd_tensors(held: list[Held], expected: Collection[str] | None) -> Iterator[Finding]:
    """Return what is odd about tensors as a whole.

    Args:
        held: all of them.
        expected: the names that the model uses, where they are known.
    """
    for one in held if expected is not None else ():
        if one.name not in (expected or ()):
            yield _finding(
                "tensor-unused",
                Level.concern,
                one.name,
                "A tensor that the model does not use",
                "Whatever is in it travels with the model and is never looked at.",
            )
    yield from _twice(held)
    usual = Counter(one.kind for one in held if one.is_float).most_common(1)
    for one in held:
        yield from _odd_values(one, usual[0][0] if usual else "")


def odd_notes(notes: Mapping[str, str]) -> Iterator[Finding]:
    """Return what is odd about a file's notes: safetensors allows any text there."""
    for name, text in notes.items():
        if len(text) > LONG_NOTE or ENCODED.search(text):
            yield _finding(
                "metadata-long",
                Level.concern,
                f"note {name}",
                "A note of the file that is long, or encoded",
                "Notes are for a few words; content of any kind can hide in a long one.",
            )


def _twice(held: list[Held]) -> Iterator[Finding]:
    first: dict[bytes, Held] = {}
    for one in held:
        if one.array.size < LEAST or one.array.min() == one.array.max():
            continue
        shape = f"{one.kind} {one.array.shape}".encode()
        digest = hashlib.sha256(shape + np.ascontiguousarray(one.array).tobytes()).digest()
        other = first.setdefault(digest, one)
        if other is not one and not np.shares_memory(other.array, one.array):
            yield _finding(
                "tensor-twice",
                Level.note,
                one.name,
                "A tensor that is there twice",
                f"It has the same numbers as {other.name}; layers that share weights have that.",
            )


def _odd_values(one: Held, usual: str) -> Iterator[Finding]:
    if one.array.dtype.kind in "SUV":
        yield _finding(
            "tensor-type",
            Level.concern,
            one.name,
            f"A tensor of {one.kind}",
            "Weights are numbers; text or raw bytes are content of another kind.",
        )
    if not one.is_float:
        return
    if (
        one.kind == "float64"
        and usual in ("float16", "bfloat16", "float32")
        and one.array.size > LARGE
    ):
        yield _finding(
            "tensor-type",
            Level.note,
            one.name,
            "A large tensor of double precision among shorter ones",
            "Double precision has room for content that calculations never see.",
        )
    values = one.values().ravel()
    missing = np.isnan(values)
    kinds_of_missing = len(np.unique(one.words().ravel()[missing]))
    if kinds_of_missing > 2:
        yield _finding(
            "nan-content",
            Level.concern,
            one.name,
            f"Missing numbers that are spelled in {kinds_of_missing} ways",
            "Calculations spell a missing number in one way; other spellings can carry content.",
        )
    size = np.abs(values[np.isfinite(values) & (values != 0)].astype(np.float64))
    if one.kind == "float16" or len(size) < LEAST:
        return
    low, high = float((size < LOWEST).mean()), float((size > HIGHEST).mean())
    if min(low, high) > SCATTERED:
        yield _finding(
            "tensor-bytes",
            Level.concern,
            one.name,
            f"Numbers of all sizes: {low:.0%} below 10⁻²⁰, {high:.0%} above 10¹⁵",
            "Weights are of similar size; bytes of a file that are read as numbers are not.",
        )


def _finding(rule: str, level: Level, where: str, what: str, why: str) -> Finding:
    remedy = "" if level is Level.note else LOOK_CLOSER
    return Finding(
        rule=rule, level=level, where=clean(where) or "a tensor", what=what, why=why, remedy=remedy
    )
