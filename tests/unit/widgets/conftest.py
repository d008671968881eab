"""A real workplace with three people, for forms driven as Python objects."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as w
import pytest

from workbench.app import Workplace
from workbench.policy import terms
from workbench.services.publish import Draft
from workbench.session import Session
from workbench.stores.keystore import MemoryKeystore
from workbench.vocabulary import Role


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace where Anna owns, Ben asks and Rita reviews."""
    place = Workplace(tmp_path / "home", MemoryKeystore())
    place.init("anna")
    place.init("ben")
    place.init("rita", roles=[Role.reviewer])
    return place


@pytest.fixture
def anna(place: Workplace) -> Session:
    return place.session("anna")


@pytest.fixture
def released(place: Workplace, anna: Session, tmp_path: Path) -> Callable[..., str]:
    """Publish a small release and return how people name it."""

    def publish(name: str = "clinic/risk", **fields: Any) -> str:
        (tmp_path / "weights.bin").write_bytes(b"weights")
        given = {"license": "CC-BY-NC-4.0", "terms": terms.standard(), **fields}
        draft = Draft.of(name=name, version="1.0", **given)
        return anna.publish(draft, place.files(tmp_path / "weights.bin")).key

    return publish


@pytest.fixture
def shown() -> Callable[[Any], list[Any]]:
    """Return every widget of a form, in the order it is read."""

    def walk(widget: Any) -> list[Any]:
        inner = [one for child in getattr(widget, "children", ()) for one in walk(child)]
        return [widget, *inner]

    return walk


@pytest.fixture
def buttons() -> Callable[[Any], list[w.Button]]:
    """Return the buttons of the gateway's answer: the alternatives."""
    return lambda form: [one for one in form.policy.children if isinstance(one, w.Button)]
