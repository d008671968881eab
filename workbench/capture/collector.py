"""Spares Python's collector of cyclic garbage what a new kernel is made of.

While packages are imported it goes through all objects again and again, and tracking adds some. In
a kernel where nothing was made yet none of them is the user's, nor will be garbage; what is made
from then on is collected as ever, and sooner (``gc.freeze``).
"""

from __future__ import annotations

import gc
from typing import Any

from workbench.capture.versions import is_own

__all__ = ["restore", "spare"]

_spared = False


def spare(shell: Any) -> None:
    """Put aside all there is, where it is the kernel's own."""
    global _spared
    hidden = getattr(shell, "user_ns_hidden", {})
    new = all(name in hidden or is_own(name) for name in shell.user_ns)
    if new and hasattr(shell, "kernel") and not gc.get_freeze_count():
        gc.collect()  # or what is garbage by now would stay
        gc.freeze()
        _spared = True


def restore() -> None:
    """Have all of it looked through again."""
    global _spared
    if _spared:
        gc.unfreeze()
        _spared = False
