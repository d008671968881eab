"""Whose marked copy a found file is, as whoever marked it sees the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.services.context import Progress
from workbench.services.marks import MarkedCopy, marker
from workbench.services.sealing import ModelFile
from workbench.session import Session, silent
from workbench.views import who

__all__ = ["whom", "whose_lines", "whose_view"]

SHOWN = 24  # characters of a recipient's key; the whole is in the JSON
_UNMARKED = "It is the unmarked model itself, so it came from somebody who holds that."
_KEPT = {"id", "at", "ref", "manifest", "person", "recipient", "devices", "granted"}


def whose_view(
    session: Session,
    found: Sequence[ModelFile],
    against: Sequence[ModelFile] | str,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Return whose copies found files are: a verdict, and for each file whom it names, and why.

    They are compared with the unmarked model: its files, or its release by name.

    Raises:
        Denied, InputError, NotFound, TrustError, Unavailable: as
            :func:`workbench.services.copying.trace`.
    """
    answers = session.trace(found, against, progress)
    return {
        "verdict": marker().verdict(answers).value,
        "files": [_file(session, answer) for answer in answers],
    }


def whose_lines(view: dict[str, Any]) -> list[str]:
    """Return an answer of :func:`whose_view` in lines of text."""
    lines = []
    for file in view["files"]:
        lines.append(f"{file['file']}, compared with {file['original']}:")
        if file["unmarked"]:
            lines.append(f"  {_UNMARKED}")
        lines += [f"  ✓ {copy['sentence']}" for copy in file["named"]]
        lines += [f"    {sentence}" for sentence in file["sentences"]]
    return lines


def whom(copy: MarkedCopy) -> str:
    """Return for whom a copy was marked: a person's id, or the beginning of a key."""
    if copy.recipient is None:
        return copy.person
    return copy.recipient if len(copy.recipient) <= SHOWN else f"{copy.recipient[:SHOWN]}…"


def _file(session: Session, answer: Any) -> dict[str, Any]:
    return {
        "file": answer.file,
        "original": answer.original,
        "unmarked": answer.unmarked,
        **answer.traced.model_dump(mode="json"),
        "named": [_copy(session, copy) for copy in answer.named],
        "sentences": list(answer.traced.sentences()),
    }


def _copy(session: Session, copy: MarkedCopy) -> dict[str, Any]:
    how = "granted" if copy.granted else "packed"
    made = f"{copy.ref}, {how} on {copy.at:%Y-%m-%d %H:%M} UTC"
    name = who(session, copy.person)["name"] if copy.recipient is None else whom(copy)
    return {
        **copy.model_dump(mode="json", include=_KEPT),
        "name": name,
        "sentence": f"the copy for {whom(copy)} ({made}; {copy.id})",
    }
