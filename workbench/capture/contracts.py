"""What tracking asks of whatever watches files, and of whatever takes their digests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from workbench.senses.readings import Reading

__all__ = ["Content", "Digested", "Watching"]


class Watching(Protocol):
    """What watches files and connections while a cell runs."""

    def start(self) -> None:
        """Begin to watch."""

    def stop(self) -> None:
        """Watch no more."""

    def watch(self, folder: Path) -> None:
        """Have the file system tell of a folder, from the next cell on."""

    def begin(self, namespace: dict[str, Any], code: str) -> None:
        """Note that a cell starts, whose names and code these are."""

    def rest(self) -> None:
        """Note that it ended; what is done from here on is not the cell's."""

    def end(self) -> list[Reading]:
        """Return what it read and wrote; ends it first where that was not said."""

    def gaps(self) -> tuple[str, ...]:
        """Return what could not be watched, in sentences."""


class Digested(Protocol):
    """What is known of a file's content."""

    @property
    def digest(self) -> str:
        """``sha256:…``."""

    @property
    def changed(self) -> str:
        """A sentence, if the file has changed since it was read."""


class Content(Protocol):
    """Takes digests of files in the background."""

    def ask(self, path: str, size: int, changed_ns: int) -> None:
        """Queue a file as it was when it was read."""

    def get(self, path: str, size: int, changed_ns: int) -> Digested | None:
        """Return what is known of it by now."""

    def wait(self, seconds: float | None) -> bool:
        """Wait until all is known; false if time was up first."""

    def close(self) -> None:
        """Stop."""
