"""The catalogue and requests."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli.console import desk, show, table
from workbench.cli.owning import AsJson, Ref
from workbench.errors import InputError
from workbench.services.request import Wish
from workbench.session import Session
from workbench.views import RIGHT_WORDS, release_view, request_view, terms_view
from workbench.vocabulary import PurposeKind, Right

__all__ = ["RequestId", "Wanted", "add", "request_line"]

AcceptTerms = Annotated[
    bool, typer.Option("--accept-terms", help="You have read the terms and agree, by signature.")
]
RequestId = Annotated[str, typer.Argument(metavar="ID", help="A request's id, such as rq-….")]
Wanted = Annotated[Right, typer.Option(help="What to ask for.")]
Days = Annotated[int, typer.Option(help="How long, in days.")]
Purpose = Annotated[str, typer.Option(help="What for, in a sentence or two.")]
Category = Annotated[PurposeKind, typer.Option(help="The kind of purpose.")]


def catalog(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what is published."""
    session = desk(context).session
    releases = session.catalogue()
    rows = [
        (
            release.key,
            release.state.value,
            release.listing.sensitivity.value,
            ", ".join(RIGHT_WORDS[right] for right in release.listing.rights),
            release.listing.title,
        )
        for release in releases
    ]
    views = [release_view(session, release) for release in releases]
    show(views, as_json, lambda: table(rows, "Nothing is published yet: `workbench publish`."))


def show_release(context: typer.Context, ref: Ref, as_json: AsJson = False) -> None:
    """Show one release with its terms."""
    session = desk(context).session
    view = release_view(session, session.release(ref))
    facts = [f"{name}: {value}" for name, value in view["facts"].items()]
    about = [view["summary"]] if view["summary"] else []
    lines = [
        f"{view['ref']}  {view['title']}  ({view['state']})",
        *about,
        f"owner {view['owner']['name']} · licence {view['license']} · {view['sensitivity']}",
        f"regions {', '.join(view['regions']) or 'any'} · rights {', '.join(view['rights'])}",
        " · ".join(facts),
        *(f"grant {_grant_line(grant)}" for grant in view["holders"]),
        "",
        "The terms, to be accepted with a request:",
        "",
        view["terms"]["text"].rstrip(),
    ]
    show(view, as_json, lambda: "\n".join(lines))


def request(
    context: typer.Context,
    ref: Ref,
    right: Wanted,
    purpose: Purpose,
    days: Days,
    category: Category = PurposeKind.research,
    accept_terms: AcceptTerms = False,
    as_json: AsJson = False,
) -> None:
    """Ask for a right to a release; prints the request's id."""
    session = desk(context).session
    wish = Wish.of(right=right, days=days, category=category, text=purpose)
    made = session.request(ref, wish, _accepted(session, ref, accept_terms))
    show(request_view(session, made), as_json, lambda: f"{made.id}  {made.state.value}")


def list_requests(context: typer.Context, as_json: AsJson = False) -> None:
    """Show your requests, newest first."""
    session = desk(context).session
    views = [request_view(session, item) for item in session.my_requests()]
    rows = [request_line(view) for view in views]
    show(views, as_json, lambda: table(rows, "You have asked for nothing: `workbench catalog`."))


def resubmit(
    context: typer.Context,
    request_id: RequestId,
    right: Wanted,
    purpose: Purpose,
    days: Days,
    category: Category = PurposeKind.research,
    accept_terms: AcceptTerms = False,
    as_json: AsJson = False,
) -> None:
    """Answer a returned request."""
    session = desk(context).session
    ref = session.request_by_id(request_id).release
    wish = Wish.of(right=right, days=days, category=category, text=purpose)
    made = session.resubmit(request_id, wish, _accepted(session, ref, accept_terms))
    show(request_view(session, made), as_json, lambda: f"{made.id}  {made.state.value}")


def withdraw(context: typer.Context, request_id: RequestId, as_json: AsJson = False) -> None:
    """Take a request back."""
    session = desk(context).session
    made = session.withdraw_request(request_id)
    show(request_view(session, made), as_json, lambda: f"{made.id}  {made.state.value}")


def request_line(view: dict[str, Any]) -> tuple[str, ...]:
    """Return a request as one row."""
    grant = view["grant"]
    until = (
        "".join((grant["not_after"], " (marked copy)" if grant["marked"] else "")) if grant else ""
    )
    return (
        view["id"],
        view["state"],
        view["ref"],
        view["person"]["name"],
        view["right"],
        f"{view['days']} d",
        until,
        view["reason"] or "",
    )


def _grant_line(grant: dict[str, Any]) -> str:
    holder = grant["person"]["name"]
    said = f"{holder}, {grant['right']}, {grant['state']}, ends {grant['not_after']}"
    return f"{grant['id']}: {said}{', marked copy' if grant['marked'] else ''}"


def _accepted(session: Session, ref: str, accept: bool) -> str:
    """Return the digest of the terms, once they are accepted."""
    release = session.release(ref)
    terms = terms_view(session.terms(release))
    if not accept:
        typer.echo(terms["text"], err=True)
        raise InputError(
            "The terms above have to be accepted.",
            unchanged="No request was made.",
            hint="Read them, then run the same command with --accept-terms.",
        )
    return release.listing.terms


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command()(catalog)
    app.command("show")(show_release)
    app.command()(request)
    requests = typer.Typer(help="Your requests.", no_args_is_help=True)
    requests.command("list")(list_requests)
    requests.command("resubmit")(resubmit)
    requests.command("withdraw")(withdraw)
    app.add_typer(requests, name="requests")
