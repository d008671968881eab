"""An owner who marks copies, hands them over, and traces what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from tests.integration.exchange import Exchange, draft
from workbench.records import Listing
from workbench.services import marking, pack
from workbench.services.context import Actor
from workbench.services.publish import listing_for
from workbench.session import silent
from workbench.stores import folder, opened
from workbench.stores.marks import Marks, aside
from workbench.stores.memory import MemoryBlobs

Arrays = dict[str, NDArray[Any]]


@dataclass
class Owner:
    """Ada at work, with her model, her key and her notes."""

    exchange: Exchange
    place: Path
    actor: Actor
    made: int = field(default=0)

    @property
    def model(self) -> Path:
        return self.place / "model"

    @property
    def shelf(self) -> Marks:
        return Marks(self.place / "ada")

    def marked(self, person: str = "noor", report: Any = silent) -> Path:
        """Mark, seal, note and hand over a copy; return what the person gets to see of it."""
        context = self.exchange.context
        (to,) = pack.addressee(person, self.exchange.ada.people())
        blobs = MemoryBlobs()
        with aside(self.place / "home") as room:
            files = folder.scan(self.model)
            copy = marking.copy_for(context, self.actor, files, room, self.shelf, report)
            shared = pack.pack(context, self.actor, self.listing, copy.files, [to], blobs, report)
            marking.note(
                context,
                self.shelf,
                copy,
                ref=shared.ref,
                manifest=shared.manifest,
                person=to.person,
                devices=[to.device],
            )
        session = self.exchange.session(person)
        device = session.actor.device
        parcel = pack.parcel(shared, blobs, device, lambda _key: self.exchange.ada.person)
        self.made += 1
        target = self.place / f"opened-{self.made}"
        session.open_parcel(parcel, blobs, opened.writing(target))
        return target / "model"

    def listing(self, commitment: str) -> Listing:
        return listing_for(draft("lab/m:1.0"), self.exchange.ada.person, commitment)

    def whose(self, found: Path, original: Path | None = None) -> list[marking.Answer]:
        """Trace what was found."""
        return marking.whose(
            self.exchange.context,
            self.actor,
            self.shelf,
            files(original or self.model),
            files(found),
            silent,
        )


def files(path: Path) -> Sequence[folder.ModelFile]:
    return folder.scan(path) if path.is_dir() else [folder.single(path)]


def save(path: Path, arrays: Arrays) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {name: np.ascontiguousarray(one) for name, one in arrays.items()}
    path.write_bytes(safetensors.numpy.save(whole))
    return path


def load(path: Path) -> Arrays:
    return safetensors.numpy.load(path.read_bytes())


def layer(seed: int, size: tuple[int, int] = (64, 32), name: str = "layer") -> Arrays:
    chance = np.random.default_rng(seed)
    return {
        f"{name}.weight": chance.normal(size=size).astype("f4"),
        f"{name}.bias": chance.normal(size=size[0]).astype("f4"),
    }
