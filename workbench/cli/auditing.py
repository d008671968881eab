"""The log: what happened, proved."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.console import desk, progress, show, table, write_new
from workbench.cli.owning import AsJson
from workbench.errors import InputError
from workbench.views import event_view

__all__ = ["add"]

_MAX_RECEIPT = 1024 * 1024  # bytes; what is cut off here is refused as a receipt


def list_(
    context: typer.Context,
    release: Annotated[str | None, typer.Option(help="Only about this release.")] = None,
    person: Annotated[str | None, typer.Option(help="Only about this person.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as granted.")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="At most this many, the newest.")
    ] = 100,
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
    index: Annotated[int, typer.Argument(metavar="ID", help="The number of the entry.")],
    out: Annotated[
        Path | None, typer.Option(help="The .tlog-proof file to write; without it, print it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the receipt of an entry (.tlog-proof); it shows the entry to whoever gets it."""
    data = desk(context).session.receipt(index)
    text = data.decode("utf-8")
    view = {"index": index, "file": str(out) if out else None, "receipt": text}
    if out is not None:
        write_new(out, data)
    done = f"{out} proves entry {index}." if out else text.removesuffix("\n")
    show(view, as_json, lambda: done)


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A .tlog-proof file.")],
    as_json: AsJson = False,
) -> None:
    """Verify a receipt against this exchange's log key, and show what it proves."""
    session = desk(context).session
    try:
        with file.open("rb") as source:
            data = source.read(_MAX_RECEIPT)
    except OSError as error:
        raise InputError(f"{file} cannot be read.", hint="Check the path.") from error
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
