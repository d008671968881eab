"""Where releases come from, what differs between versions, and what came of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import Desk, desk, progress, show, table, write_new
from workbench.cli.opening import Granter, Signer, public_key
from workbench.cli.owning import AsJson, Ref
from workbench.origin.tables import Table, tables
from workbench.tracing.changed import changes_view
from workbench.tracing.exported import FORMATS, export
from workbench.tracing.family import lineage_view, recall
from workbench.tracing.shown import checks
from workbench.tracing.trail import Trail, trail, trail_in

__all__ = ["add"]

_SIGNS = {"passed": "✓", "failed": "✗", "unknown": "–"}


def provenance(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="NAME:V, or an opened folder.")],
    form: Annotated[
        str | None, typer.Option("--format", help=f"To write: {', '.join(FORMATS)}.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write.")] = None,
    signer: Signer = None,
    granter: Granter = None,
    as_json: AsJson = False,
) -> None:
    """Show where a model comes from, as its owner signed it, or write it in a standard format."""
    found = _trail(desk(context), what, signer, granter)
    if form is not None:
        exported = export(found, form)
        target = out or Path(exported.name)
        write_new(target, exported.data)
        result = {"ref": found.listing.ref, "format": form, "file": str(target)}
        show(result, as_json, lambda: f"{target} holds the lineage of {found.listing.ref}.")
        return
    graph = found.provenance.graph
    said = checks(found)
    kept = tables(found.provenance)
    view = {
        "ref": found.listing.ref,
        "checks": said,
        "graph": graph.model_dump(mode="json") if graph else None,
        "tables": [{"title": title, "rows": rows} for title, rows in kept],
    }
    show(view, as_json, lambda: _page(found.listing.ref, said, kept))


def changes(
    context: typer.Context,
    ref: Ref,
    since: Annotated[
        str | None, typer.Option(help="A version to compare with; the one before by default.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs from the version before: data, code, settings, surroundings, measures."""
    view = changes_view(desk(context).session, ref, since)
    show(view, as_json, lambda: _changes(view))


def lineage(
    context: typer.Context,
    ref: Ref,
    down: Annotated[
        bool, typer.Option("--down", help="What was derived from it, with who holds it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a release was derived from, or with --down what was derived from it."""
    view = lineage_view(desk(context).session, ref)
    show(view, as_json, lambda: _family(view, down))


def recall_(
    context: typer.Context,
    dataset: Annotated[
        str, typer.Argument(help="The name of a labelled dataset, or a file's sha256:… digest.")
    ],
    as_json: AsJson = False,
) -> None:
    """Find every release trained on a dataset, what was derived from those, and who holds them."""
    with progress(as_json) as report:
        view = recall(desk(context).session, dataset, report)
    show(view, as_json, lambda: _recalled(view))


def _trail(own: Desk, what: str, signer: Path | None, granter: Path | None) -> Trail:
    if Path(what).is_dir():
        return trail_in(
            own.workplace.opened(Path(what)),
            own.session.people(),
            own.session.context.verifier,
            public_key(signer),
            public_key(granter),
        )
    return trail(own.session, what)


def _page(ref: str, said: list[dict[str, str]], kept: list[Table]) -> str:
    lines = [ref]
    lines += [f"  {_SIGNS[row['outcome']]} {row['title']}: {row['sentence']}" for row in said]
    for title, rows in kept:
        lines += ["", title, *(f"  {name}: {value}" for name, value in rows)]
    return "\n".join(lines)


def _changes(view: dict[str, Any]) -> str:
    if not view["available"]:
        return str(view["why"])
    if view["since"] is None:
        return "This is the first version."
    lines = [f"Since {view['since']['ref']}"]
    for section in view["sections"]:
        for change in section["changes"]:
            arrow = " → ".join(part for part in (change["before"], change["after"]) if part)
            lines.append(
                f"  {section['title']}: {change['name']} {change['kind']}  {arrow}".rstrip()
            )
            lines += [f"      {line}" for line in change["lines"]]
    if len(lines) == 1:
        lines.append("  nothing that was kept")
    lines += ["", *(f"  {name}: {value}" for name, value in view["proof"])]
    return "\n".join(lines)


def _family(view: dict[str, Any], down: bool) -> str:
    if down:
        below = [(d["ref"], d["state"], _holders(d)) for d in view["descendants"]]
        return table(below, f"Nothing was derived from {view['ref']}.")
    above = [(parent["ref"], parent["state"]) for parent in view["parents"]]
    return table(above, f"{view['ref']} was derived from no other release.")


def _recalled(view: dict[str, Any]) -> str:
    rows = [(r["ref"], r["state"], _holders(r)) for r in view["releases"]]
    lines = [table(rows, f"No release that you can look into was trained on {view['dataset']}.")]
    if view["unsearched"]:
        lines.append("Not searched, since you hold no keys: " + ", ".join(view["unsearched"]))
    if view["untraced"]:
        lines.append("Not known, since no lineage was kept: " + ", ".join(view["untraced"]))
    return "\n".join(lines)


def _holders(release: dict[str, Any]) -> str:
    if not release["watching"]:
        return "ask its owner or a reviewer who holds it"
    names = sorted({str(grant["person"]["name"]) for grant in release["grants"]})
    return "held by " + ", ".join(names) if names else "held by nobody"


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(provenance)
    app.command()(changes)
    app.command()(lineage)
    app.command("recall")(recall_)
