"""A mark for one person in a sealed file, and finding out whose copy a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import Desk, desk, progress, show
from workbench.cli.owning import AsJson
from workbench.errors import InputError
from workbench.services.context import Progress
from workbench.services.marks import MarkedCopy, marker
from workbench.services.pack import Addressee, SharedFile
from workbench.services.sealing import ModelFile
from workbench.tracing.whose import whom, whose_lines, whose_view

__all__ = ["Prepared", "add", "marked", "prepared"]


@dataclass(frozen=True)
class Prepared:
    """The files to seal; ``note`` is to be called before the sealed file can leave.

    It returns what was marked, for the JSON, and the sentences about it; nothing without a mark.
    """

    files: Sequence[ModelFile]
    note: Callable[[SharedFile], tuple[dict[str, Any], list[str]]]


@contextmanager
def prepared(
    own: Desk,
    path: Path,
    to: Sequence[str],
    named: Sequence[Addressee],
    mark: bool,
    report: Progress,
) -> Iterator[Prepared]:
    """Give the files of a model as they are, or with a mark for the only one they are for.

    Raises:
        InputError: several people are to be given one marked copy; further see
            :func:`workbench.services.marking.copy_for`.
    """
    files = own.workplace.files(path)
    if not mark:
        yield Prepared(files, lambda _shared: ({}, []))
        return
    if len(to) != 1:
        raise InputError(
            f"A mark is for one person, and {len(to)} were named.",
            unchanged="No file was made.",
            hint="Pack one file for each of them.",
        )
    session, marking = own.session, marker()
    shelf = own.workplace.marks(session.actor.person)
    with own.workplace.aside() as aside:
        copy = marking.copy_for(session.context, session.actor, files, aside, shelf, report)

        def note(shared: SharedFile) -> tuple[dict[str, Any], list[str]]:
            noted = marking.note(
                session.context,
                shelf,
                copy,
                ref=shared.ref,
                manifest=shared.manifest,
                person=named[0].person,
                devices=[one.device for one in named],
                recipient=to[0] if to[0] == named[0].recipient else None,
            )
            return {"marked": noted.model_dump(mode="json")}, marked(noted)

        yield Prepared(copy.files, note)


def marked(noted: MarkedCopy) -> list[str]:
    """Return for whom a copy was marked, and how, in sentences."""
    said = [f"It carries a mark for {whom(noted)}; `workbench trace` finds it again."]
    return [*said, *(f"{one.name}: {' '.join(one.mark.sentences())}" for one in noted.files)]


def trace(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The safetensors file that was found, or a folder.")],
    original: Annotated[
        Path | None,
        typer.Option(help="The unmarked model that copies were made of, or the one file."),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(metavar="NAME:V", help="Or the release, of which you hold the keys."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell whose marked copy a file is, with the chance that this is a mistake.

    Exits with 0 whatever the answer is; programs read the verdict.
    """
    own = desk(context)
    files = own.workplace.files
    against = release if original is None else files(original)
    if against is None or (original is not None and release is not None):
        raise InputError(
            "A found file is compared with either files or a release.",
            unchanged="Nobody was named.",
            hint="Give --original with the unmarked model, or --release with its name.",
        )
    with progress(as_json) as report:
        view = whose_view(own.session, files(file), against, report)
    show(view, as_json, lambda: "\n".join(whose_lines(view)))


def add(app: typer.Typer) -> None:
    """Put this command on the command line."""
    app.command()(trace)
