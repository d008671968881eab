"""Which policies are in force: those the exchange installed, or else the packaged ones."""

from __future__ import annotations

import functools

from workbench.errors import InputError, NotFound, TrustError
from workbench.policy.gate import Gate, Question, broken
from workbench.records import Catalogue, Decision
from workbench.services import signed
from workbench.stores.contracts import Reading

__all__ = ["CURRENT", "decide", "in_force"]

CURRENT = "current"  # the key of the one catalogue


def in_force(reading: Reading) -> Gate:
    """Return the gate with the catalogue of this exchange.

    Raises:
        InputError: the installed catalogue cannot be loaded.
        TrustError: it is not what a steward signed (step ``"policy catalogue"``), or no record at
            all (step ``"record"``).
    """
    try:
        catalogue = reading.get(Catalogue, CURRENT)
    except NotFound:
        return Gate.default()
    signed.check_catalogue(reading, catalogue)
    return _loaded(tuple(sorted(catalogue.files.items())))


def decide(reading: Reading, question: Question) -> Decision:
    """Answer by the policies in force; where they cannot be used, the answer is no."""
    try:
        gate = in_force(reading)
    except (InputError, TrustError) as error:
        return broken(question, error.message)
    return gate.decide(question)


@functools.lru_cache(maxsize=8)
def _loaded(texts: tuple[tuple[str, str], ...]) -> Gate:
    return Gate.of(dict(texts))
