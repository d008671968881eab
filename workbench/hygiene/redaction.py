"""Secrets found in the code of cells, and taken out of it.

The rules are those of detect-secrets, used one line at a time and in this process: its finders
only, so nothing is sent anywhere to learn whether a secret still works; and our own
(:mod:`workbench.hygiene.suspects`). Without detect-secrets no code is called clean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from workbench.errors import Unavailable
from workbench.hygiene.suspects import Place, stands_for, suspects
from workbench.training.settings import UNWRITABLE

__all__ = ["REMOVED", "Finding", "printable", "redact", "redact_all", "scan"]

REMOVED = "«removed»"
MAX_LINE = 5000  # characters; what stands behind them in a line is taken out unread
MANY = 6  # characters from which a secret is looked for in all other code as well
# A public address is where data is read from; of a private key only the header is found.
LEFT_OUT = {"IPPublicDetector", "PrivateKeyDetector"}
EXACT = {"Basic Auth Credentials", "Secret Keyword"}  # finders that return the secret and no more
AROUND = re.compile(r"[A-Za-z0-9+/=_.~-]*")
# Random-looking texts that are none: digests that a line calls so, and words joined to a path.
DIGEST = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})")
DIGEST_NAME = re.compile(r"sha-?\d|md5|digest|hash|checksum|commit|revision|etag", re.IGNORECASE)
PATH = re.compile(r"(?:(?:[A-Z]?[a-z]{0,15}|[A-Z]{0,15})\d{0,4}(?:[/_-]|$))+")


@dataclass(frozen=True, order=True)
class Finding:
    """A secret in code: on which line, and of which kind; never the secret."""

    line: int
    kind: str


def printable(code: str) -> str:
    """Return code with one kind of line end and without characters that no record may hold."""
    return UNWRITABLE.sub("", code.replace("\r\n", "\n").replace("\r", "\n"))


def scan(code: str) -> list[Finding]:
    """Return the secrets in the code of a cell.

    Raises:
        Unavailable: detect-secrets is not installed.
    """
    return redact(code)[1]


def redact(code: str) -> tuple[str, list[Finding]]:
    """Return the code of a cell with ``«removed»`` in place of secrets, and where they were.

    Raises:
        Unavailable: detect-secrets is not installed; the code must stay where it is.
    """
    return redact_all([code])[0]


def redact_all(codes: Sequence[str]) -> list[tuple[str, list[Finding]]]:
    """Redact several cells; a secret that is found in one is taken out of all.

    Raises:
        Unavailable: as :func:`redact`.
    """
    texts = [printable(code) for code in codes]
    places = [[*suspects(text), *_known(text)] for text in texts]
    secrets: dict[str, str] = {}
    for text, found in zip(texts, places, strict=True):
        for place in found:
            if place.end - place.start >= MANY:
                secrets.setdefault(text[place.start : place.end], place.kind)
    for text, found in zip(texts, places, strict=True):
        for value, kind in secrets.items():
            found += [Place(start, start + len(value), kind) for start in _all(text, value)]
    return [_without(text, found) for text, found in zip(texts, places, strict=True)]


def _without(text: str, places: list[Place]) -> tuple[str, list[Finding]]:
    """Take places out of a text; lines stay where they are, so that numbers of lines still hold."""
    merged: list[Place] = []
    for place in sorted(places):
        if merged and place.start < merged[-1].end:
            last = merged.pop()
            place = Place(last.start, max(last.end, place.end), last.kind)
        merged.append(place)
    pieces: list[str] = []
    findings = []
    at = 0
    for place in merged:
        breaks = text.count("\n", place.start, place.end)
        pieces += [text[at : place.start], REMOVED, "\n" * breaks]
        findings.append(Finding(text.count("\n", 0, place.start) + 1, place.kind))
        at = place.end
    return "".join([*pieces, text[at:]]), findings


def _all(text: str, value: str) -> Iterator[int]:
    start = text.find(value)
    while start >= 0:
        yield start
        start = text.find(value, start + len(value))


def _known(text: str) -> Iterator[Place]:
    """Return what the finders of detect-secrets find, line by line."""
    offset = 0
    for whole in text.split("\n"):
        line = whole[:MAX_LINE]
        if len(whole) > MAX_LINE:
            yield Place(offset + MAX_LINE, offset + len(whole), "Line too long to search")
        for finder in _finders():
            for value in finder.analyze_string(line) if line.strip() else ():
                if value and _is_secret(finder, value, line):
                    for start, end in _spans(line, value, finder.secret_type):
                        yield Place(offset + start, offset + end, finder.secret_type)
        offset += len(whole) + 1


def _is_secret(finder: Any, value: str, line: str) -> bool:
    if stands_for(value):
        return False
    if not hasattr(finder, "calculate_shannon_entropy"):
        return True
    if finder.calculate_shannon_entropy(value) <= finder.entropy_limit:
        return False
    if DIGEST.fullmatch(value) and DIGEST_NAME.search(line):
        return False
    return not PATH.fullmatch(value)


def _spans(line: str, value: str, kind: str) -> Iterator[tuple[int, int]]:
    """Return where a secret stands in a line, and with what belongs to it where a part is found."""
    for start in _all(line, value):
        end = start + len(value)
        if kind not in EXACT:
            before = AROUND.match(line[:start][::-1])
            after = AROUND.match(line, end)
            start -= len(before.group()) if before else 0
            end = after.end() if after else end
        yield start, end


@cache
def _finders() -> tuple[Any, ...]:
    """Return the finders of detect-secrets; its scanner, which can ask services, stays unused."""
    try:
        known = import_module("detect_secrets.core.plugins.util")
    except ImportError as error:
        raise Unavailable(
            "Code is searched for secrets before it travels, and detect-secrets is not installed.",
            unchanged="The code stays here.",
            hint="pip install 'sharing-workbench[data]'",
        ) from error
    classes = known.get_mapping_from_secret_type_to_class().values()
    return tuple(one() for one in classes if one.__name__ not in LEFT_OUT)
