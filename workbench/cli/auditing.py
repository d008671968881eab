"""The log: what happened, proved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.console import desk, progress, show, table
from workbench.cli.owning import AsJson
from workbench.errors import InputError
from workbench.views import event_view

__all__ = ["add"]


def list_(
    context: typer.Context,
    release: Annotated[str | None, typer.Option(help="Only about this release.")] = None,
    person: Annotated[str | None, typer.Option(help="Only about this person.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as granted.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """Show what happened, newest first."""
    session = desk(context).session
    entries = session.timeline(release=release, person=person, kind=kind, limit=limit)
    views = [event_view(session, entry) for entry in entries]
    rows = [
        (str(view["index"]), view["at"], view["sentence"], view["reason"].replace("\n", " "))
        for view in views
    ]
    show(views, as_json, lambda: table(rows, "Nothing matches."))


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Verify every entry, record and signature, against what this client saw before."""
    session = desk(context).session
    with progress(as_json) as report:
        report("Verifying the log", 0, 0)
        result = session.verify_log()
    view = {"size": result.size, "root": result.root.hex()}
    show(view, as_json, lambda: f"{result.size} entries, unbroken.")


def prove(
    context: typer.Context,
    index: Annotated[int, typer.Argument(help="The number of the entry.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the receipt.")] = None,
) -> None:
    """Write the receipt of an entry (.tlog-proof); it shows the entry to whoever gets it."""
    data = desk(context).session.receipt(index)
    if out is None:
        typer.echo(data.decode("utf-8"), nl=False)
        return
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise InputError(f"{out} is already there.", unchanged="It was left as it was.") from error
    typer.echo(f"{out} proves entry {index}.")


def check(context: typer.Context, file: Path, as_json: AsJson = False) -> None:
    """Verify a receipt against this exchange's log key, and show what it proves."""
    session = desk(context).session
    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read.") from error
    view = event_view(session, session.check_receipt(data))
    show(view, as_json, lambda: f"{view['at']}  {view['sentence']}")


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    ledger = typer.Typer(help="What happened, and its proof.", no_args_is_help=True)
    ledger.command("list")(list_)
    ledger.command()(verify)
    ledger.command()(prove)
    ledger.command()(check)
    app.add_typer(ledger, name="ledger")
