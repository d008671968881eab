"""The whole corpus, in the order in which the families are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from tests.corpus.archives import archives
from tests.corpus.arrays import arrays
from tests.corpus.companions import companions
from tests.corpus.crafted import crafted as made_up
from tests.corpus.disguises import disguises
from tests.corpus.foreign import foreign
from tests.corpus.forms import estimators
from tests.corpus.frames import frames
from tests.corpus.graphs import graphs
from tests.corpus.keras_files import keras_files
from tests.corpus.language import language
from tests.corpus.libraries import libraries
from tests.corpus.media import acting, media
from tests.corpus.names import names
from tests.corpus.networks import networks
from tests.corpus.oddities import oddities
from tests.corpus.opcodes import opcodes
from tests.corpus.quiet import quiet
from tests.corpus.recipes import recipes
from tests.corpus.sample import Benign, Crafted, Hostile
from tests.corpus.skops_files import skops_files
from tests.corpus.tensors import tensors
from tests.corpus.texts import texts
from tests.corpus.torches import torches
from tests.corpus.zips import zips

__all__ = ["benign", "crafted", "hostile"]

HOSTILE: tuple[Callable[[], Iterator[Hostile]], ...] = (
    opcodes, frames, quiet, names, libraries, arrays, torches, archives, zips, disguises,
    skops_files, keras_files, graphs, language, tensors, texts, recipes, foreign,
    oddities, acting,
)  # fmt: skip
BENIGN: tuple[Callable[[], Iterator[Benign]], ...] = (estimators, networks, companions, media)


@cache
def hostile() -> tuple[Hostile, ...]:
    """Return every file that must be called unsafe."""
    return tuple(sample for family in HOSTILE for sample in family())


@cache
def benign() -> tuple[Benign, ...]:
    """Return every file that must not be."""
    return tuple(sample for family in BENIGN for sample in family())


@cache
def crafted() -> tuple[Crafted, ...]:
    """Return every file whose names are harmless and whose numbers are not."""
    return tuple(made_up())
