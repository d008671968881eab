"""Where files lie, in words for a reviewer: near the notebook, and without saying whose machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from workbench.senses.readings import Address

__all__ = ["Places", "clean", "shorten"]

UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
UNSEEN_IN_CODE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SOMEBODYS = re.compile(r"\A(/home|/Users|/mnt/[a-z]/Users|[A-Za-z]:[\\/]Users)[\\/][^\\/]+")


@dataclass(frozen=True)
class Places:
    """The folders that addresses are told from: that of the notebook, and the user's home."""

    folder: Path
    home: Path

    def shown(self, address: Address) -> str:
        """Return an address as a reviewer may read it: no name of a user in it.

        Below the notebook's folder it is relative to that, below the home ``~/…``, else whole.
        """
        if address.scheme != "file":
            return clean(address.text)
        path = Path(address.text)
        for folder, prefix in ((self.folder, ""), (self.home, "~/")):
            if path.is_relative_to(folder) and folder != folder.parent:
                return clean(prefix + path.relative_to(folder).as_posix())
        return clean(SOMEBODYS.sub(r"\1/…", address.text))


def clean(text: str, code: bool = False) -> str:
    """Return text without characters that could hide or reorder it; such become ``\\ufffd``."""
    if code:
        return UNSEEN_IN_CODE.sub("\ufffd", text.replace("\r\n", "\n"))
    return UNSEEN.sub("\ufffd", text)


def shorten(text: str, length: int) -> str:
    """Return text of at most ``length`` characters; a longer one keeps its end, with ``…``."""
    return text if len(text) <= length else "…" + text[1 - length :]
