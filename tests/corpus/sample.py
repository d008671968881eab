"""What a corpus is made of: files that are built, never kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

__all__ = ["Benign", "Crafted", "Hostile", "built", "dropped", "one", "opened", "several"]

Data = bytes | Callable[[], bytes]


@dataclass(frozen=True)
class Hostile:
    """Files that must not be called anything but unsafe.

    ``name`` is the family and the trick; ``why`` is what happens when the files are opened, and
    the advisory where there is one; ``build`` writes them into an empty folder.
    """

    name: str
    why: str
    build: Callable[[Path], None]


@dataclass(frozen=True)
class Crafted:
    """A file of known parts with numbers that crash compiled code; only its loader can tell.

    A scanner has to say that this may be (a note), or call it unsafe.
    """

    name: str
    file: str
    build: Callable[[Path], None]


@dataclass(frozen=True)
class Benign:
    """Files that people make every day. ``wanted`` are the outcomes that are no false alarm."""

    name: str
    wanted: frozenset[str]
    build: Callable[[Path], None]


def several(files: dict[str, Data]) -> Callable[[Path], None]:
    """Return what writes these files."""

    def build(folder: Path) -> None:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data() if callable(data) else data)

    return build


def one(name: str, file: str, why: str, data: Data) -> Hostile:
    """Return a hostile sample of one file."""
    return Hostile(name, why, several({file: data}))


def dropped(family: str, rows: Iterable[tuple[str, str, str, Data]]) -> Iterator[Hostile]:
    """Return one sample for each row of trick, file name, why, data."""
    for trick, file, why, data in rows:
        yield one(f"{family}/{trick}", file, why, data)


def built(sample: Hostile | Benign | Crafted, folder: Path) -> list[Path]:
    """Build a sample below ``folder``; return its files, sorted."""
    place = folder / sample.name
    place.mkdir(parents=True)
    sample.build(place)
    return sorted(path for path in place.rglob("*") if path.is_file())


def opened(paths: Iterable[Path], folder: Path) -> Iterator[tuple[str, BinaryIO]]:
    """Yield each file as a scanner gets it: its name below ``folder`` and a stream."""
    for path in paths:
        yield path.relative_to(folder).as_posix(), path.open("rb")
