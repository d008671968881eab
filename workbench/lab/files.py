"""Files that a browser names as its file browser shows them, and where they are."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import InputError, NotFound, Unavailable

__all__ = ["place"]

_UNCHANGED = "Nothing was read."


def place(root: Path | None, path: str) -> Path:
    """Return where a file or folder is, given its ``path`` below the file browser's ``root``.

    Raises:
        InputError: a path that leads out of the root, or is the root itself.
        NotFound: nothing is there.
        Unavailable: the file browser shows no folder of this computer.
    """
    if root is None:
        raise Unavailable(
            "The files that this Lab shows are not on its server's disk.",
            unchanged=_UNCHANGED,
            hint="Download the file, and use `workbench` in a terminal where it is.",
        )
    top = os.path.abspath(root)
    # As Jupyter does it: links within the folder are followed, dots do not lead out of it.
    found = os.path.abspath(os.path.join(top, path.strip("/")))
    if "\0" in path or not found.startswith(top.rstrip(os.sep) + os.sep):
        raise InputError(
            "This is no file that the file browser shows.",
            unchanged=_UNCHANGED,
            hint="Give its path as the file browser does, such as folder/model.safetensors.",
        )
    if not os.path.exists(found):
        raise NotFound(
            f"There is no {path.strip('/')[:200]} in the file browser.",
            unchanged=_UNCHANGED,
            hint="Look for it there; folders are parted by /.",
        )
    return Path(found)
