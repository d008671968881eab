"""Hostile names as text that can be shown, kept in a record and signed."""

from __future__ import annotations

__all__ = ["escaped", "label", "within"]

LONGEST = 200  # characters of a word in a record


def escaped(text: str, limit: int = 120) -> str:
    """Return a name out of a file in plain ASCII; letters that only look like others show.

    ``limit`` is the longest result in characters; what is cut is marked. An empty text gives
    ``''``.
    """
    shown = text[: limit + 1].encode("ascii", "backslashreplace").decode("ascii")
    shown = "".join(c if " " <= c <= "~" else f"\\x{ord(c):02x}" for c in shown)
    return _cut(shown, limit) or "''"


def label(text: str, limit: int = 120) -> str:
    """Return the name of a file or member as it can be shown: any letters, nothing invisible."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: limit + 1])
    return _cut(shown, limit).strip() or "''"


def within(place: str, member: str) -> str:
    """Return the place of a member of a container, outermost first, at most 200 characters."""
    inner = label(member, 80)
    return f"{_cut(place, LONGEST - len(inner) - 3)} → {inner}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
