"""What was read or written while a cell ran: the word that the watchers pass to the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from workbench.origin.graph import Mark

__all__ = ["Address", "Reading", "Sink"]


@dataclass(frozen=True)
class Address:
    """Where data lies: an absolute path, or an address without credentials.

    Attributes:
        text: ``/home/…/a.csv``, ``https://host/path``, ``s3://bucket/key``, or
            ``postgresql://host/database#table``. Never a user name, password, token or query.
        scheme: ``file``, ``http``, ``https``, ``s3``, ``sql`` …
    """

    text: str
    scheme: str = "file"


@dataclass(frozen=True)
class Reading:
    """One thing read or written.

    Attributes:
        line: the line of the running cell that led to it; ``None`` where that is not known (another
            thread or process).
        how: what did it, such as ``open`` or ``polars.read_parquet``.
        wrote: it was opened for writing.
        size, changed: of the file as it was then, in bytes and in ns (``st_mtime_ns``); -1 where it
            is no file.
    """

    address: Address
    mark: Mark
    how: str
    line: int | None = None
    wrote: bool = False
    size: int = field(default=-1, compare=False)
    changed: int = field(default=-1, compare=False)


Sink = Callable[[Reading], None]
"""Takes a reading; must not raise."""
