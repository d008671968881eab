"""Texts of the training data inside a model: categories, words, anything else that equals a cell.

An encoder is compared with the columns that it was given, a vectoriser with the documents, by its
own transform. Any other text in a model counts if it equals a cell, or a word of the documents,
that fewer than ``k`` training rows have; a single short one is no evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from workbench.findings.retained import Keeping
from workbench.retention.notes import Notes
from workbench.retention.stages import Stage
from workbench.retention.table import Book, Data, is_sparse, matrix_of
from workbench.retention.walk import Said
from workbench.training import kinds

__all__ = ["note_categories", "note_texts", "note_vocabularies"]

WORD = re.compile(r"\w+")
MARKS = "Ġ▁#"  # with which tokenisers mark the beginning or the middle of a word
FEWEST_WORDS = 20  # of a vocabulary
LEARNED = 0.5  # of a vocabulary that has to be in the documents; a general one has other words
SHORT = 3  # characters; a shorter text that stands alone is no evidence
DOCUMENT = 3.0  # words a cell, from which on a column holds documents


@dataclass
class Rare:
    """Texts with the rows that have them, as far as fewer than k have."""

    k: int
    rows: dict[str, list[int]] = field(default_factory=dict)

    def add(self, text: str, row: int) -> None:
        held = self.rows.setdefault(text, [])
        if len(held) < self.k and (not held or held[-1] != row):
            held.append(row)

    def few(self, texts: Iterable[str]) -> list[str]:
        """Return those of some texts that fewer than k rows have."""
        return [text for text in texts if 0 < len(self.rows.get(text, ())) < self.k]

    def positions(self, texts: Iterable[str]) -> Any:
        return np.array(sorted({row for text in texts for row in self.rows[text]}), dtype=np.int64)


def note_categories(stage: Stage, notes: Notes) -> set[str]:
    """Note an encoder that keeps categories which few people have; return the places looked at."""
    found = object.__getattribute__(stage.model, "__dict__").get("categories_")
    if type(found) is not list or stage.rows is None:
        return set()
    where = f"{stage.where}.categories_".lstrip(".")
    try:
        rows, names = _rare_categories(found, stage.rows, notes.k)
    except Exception:  # an encoder can be anybody's
        notes.gaps[f"{where} could not be compared with the data."] = None
        return set()
    notes.add(where, Keeping.categories, kinds.word(stage.model), rows, columns=names)
    return {where}


def _rare_categories(found: list[Any], rows: Any, k: int) -> tuple[Any, list[str]]:
    book = Book()
    matrix, names, _ = matrix_of(rows, book)
    book.closed = True
    concerned, columns = [np.empty(0, dtype=np.int64)], []
    for i, kept in enumerate(found[: matrix.shape[1]]):
        column = matrix[:, i]
        values, counts = np.unique(column, return_counts=True)
        held = np.isin(values, book.read(np.asarray(kept).tolist())) & (counts < k)
        if held.any():
            concerned.append(np.flatnonzero(np.isin(column, values[held])))
            columns.append(names[i])
    return np.concatenate(concerned), columns


def note_vocabularies(stage: Stage, notes: Notes) -> set[str]:
    """Note a vectoriser that keeps words which few people used; return the places looked at."""
    own = object.__getattribute__(stage.model, "__dict__")
    if type(own.get("vocabulary_")) is not dict or stage.rows is None:
        return set()
    where = f"{stage.where}.vocabulary_".lstrip(".")
    try:
        used = stage.model.transform(stage.rows)
    except Exception:  # a vectoriser can have anybody's tokeniser
        notes.gaps[f"{where} could not be compared with the data."] = None
        return set()
    used = (used.tocsc() if is_sparse(used) else np.asarray(used)) != 0
    people = np.asarray(used.sum(axis=0)).ravel()
    few = np.flatnonzero((people > 0) & (people < notes.k))
    rows = np.flatnonzero(np.asarray(used[:, few].sum(axis=1)).ravel() > 0)
    also = f"There are {len(few)} such words." if len(few) else ""
    notes.add(where, Keeping.vocabulary, kinds.word(stage.model), rows, also=also)
    return {where, f"{stage.where}.feature_names_".lstrip(".")}


def note_texts(said: dict[str, Said], data: Data, notes: Notes, done: set[str]) -> None:
    """Note any other texts that equal cells or words which few people have."""
    cells, words = _index(data, notes.k)
    if not cells.rows:
        return
    for where, held in said.items():
        place = where.partition("[")[0]
        if place in done or place.removesuffix(".keys") in done:
            continue
        few = cells.few(held.texts)
        if len(few) > 1 or any(len(text) >= SHORT for text in few):
            notes.add(where, Keeping.categories, held.owner, cells.positions(few))
        elif words.rows and len(held.texts) >= FEWEST_WORDS:
            known = {text.strip(MARKS).lower() for text in held.texts} & words.rows.keys()
            if len(known) >= LEARNED * len(held.texts):
                used = words.few(known)
                notes.add(where, Keeping.vocabulary, held.owner, words.positions(used))


def _index(data: Data, k: int) -> tuple[Rare, Rare]:
    """Return the texts in cells, and the words in documents, with the rows that have them."""
    cells, words = Rare(k), Rare(k)
    columns = list(data.texts.values())
    if data.truth is not None:
        columns += matrix_of(data.truth, Book())[2].values()
    for column in columns:
        texts = [cell for cell in column if type(cell) is str]
        sample = texts[:: max(1, len(texts) // 1000)]
        long = sum(len(WORD.findall(text)) for text in sample) >= DOCUMENT * max(len(sample), 1)
        for row, cell in enumerate(column):
            if type(cell) is str:
                cells.add(cell, row)
                if long:
                    for word in WORD.findall(cell.lower()):
                        words.add(word, row)
    return cells, words
