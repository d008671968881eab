"""Deciding, revoking, and what the gateway says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.asking import RequestId, Wanted, request_line
from workbench.cli.console import INTERRUPTED, desk, progress, reasons, show, table
from workbench.cli.marking import marked
from workbench.cli.owning import AsJson, Rationale, Ref
from workbench.errors import Denied, InputError
from workbench.policy.gate import Gate
from workbench.records import Catalogue, Decision, Request
from workbench.services.copying import UNCHANGED
from workbench.services.marks import MarkedCopy
from workbench.services.request import Wish
from workbench.session import Session
from workbench.views import decision_view, grant_view, request_detail, request_view
from workbench.vocabulary import PurposeKind, Right, VoteKind

__all__ = ["add"]

_MAX_POLICY = 1024 * 1024  # bytes; the packaged catalogue is a hundredth of it


def queue(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what waits for your vote."""
    session = desk(context).session
    views = [request_view(session, item) for item in session.queue()]
    rows = [request_line(view) for view in views]
    show(views, as_json, lambda: table(rows, "Nothing to review."))


def show_request(context: typer.Context, request_id: RequestId, as_json: AsJson = False) -> None:
    """Show everything about a request: who, what, why, how long, evidence, checks, history."""
    session = desk(context).session
    view = request_detail(session, session.request_by_id(request_id))
    show(view, as_json, lambda: _page(view))


def vote(kind: VoteKind) -> Any:
    """Return the command that casts this vote."""

    def cast(
        context: typer.Context,
        request_id: RequestId,
        rationale: Rationale,
        days: Annotated[int | None, typer.Option(help="Allow fewer days.")] = None,
        right: Annotated[Right | None, typer.Option(help="Allow another right.")] = None,
        mark: Annotated[
            bool,
            typer.Option("--mark", help="Mark the weights with this grant, for `workbench trace`."),
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        session = desk(context).session
        try:
            with progress(as_json) as report:
                made = session.decide(
                    request_id, kind, rationale, days=days, right=right, mark=mark, progress=report
                )
        except KeyboardInterrupt:
            made = _too_late(session, request_id)
        noted = _noted(session, made)
        view, lines = request_view(session, made), [f"{made.id}  {made.state.value}"]
        if noted is not None:
            view["marked"] = noted.model_dump(mode="json")
            lines += marked(noted)
        show(view, as_json, lambda: "\n".join(lines))

    def turn_down(
        context: typer.Context, request_id: RequestId, rationale: Rationale, as_json: AsJson = False
    ) -> None:
        session = desk(context).session
        made = session.decide(request_id, kind, rationale)
        show(request_view(session, made), as_json, lambda: f"{made.id}  {made.state.value}")

    return cast if kind is VoteKind.approve else turn_down


def _too_late(session: Session, request_id: str) -> Request:
    """Return a request that one voted on just when it was to be stopped; else say that it was.

    Raises:
        Exit: the vote was not cast.
    """
    request = session.request_by_id(request_id)
    me = session.actor.person
    if all(vote.reviewer != me for vote in session.votes(request)):
        typer.echo(f"Stopped: your vote was not cast. {UNCHANGED}", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo("It was too late to stop: your vote had been cast.", err=True)
    return request


def _noted(session: Session, request: Request) -> MarkedCopy | None:
    """Return the note about the marked copy that was made for a request, if one was."""
    grant = session.grant_of(request)
    if grant is None or grant.copy_manifest is None:
        return None
    return next((one for one in session.marked_copies() if one.id == grant.id), None)


def revoke(
    context: typer.Context,
    grant: Annotated[str, typer.Argument(help="A grant's id, as `workbench show` prints it.")],
    rationale: Rationale,
    as_json: AsJson = False,
) -> None:
    """End a grant before its time."""
    session = desk(context).session
    ended = session.revoke(grant, rationale)
    show(grant_view(session, ended), as_json, lambda: f"{ended.id} is revoked.")


def policy_check(
    context: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(help="Policies of one's own to check: a .cedar file, or a folder of them."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the policies in force, or check some of one's own; a broken one is named."""
    gate = desk(context).session.gate() if path is None else Gate.of(_catalog(path))
    policies = gate.policies()
    rows = [(str(p["id"]), str(p["effect"]), str(p["rationale"])) for p in policies]
    show(policies, as_json, lambda: table(rows, "There is no policy; everything is denied."))


def policy_install(
    context: typer.Context,
    path: Annotated[Path, typer.Argument(help="A .cedar file, or a folder of them.")],
    rationale: Rationale,
    as_json: AsJson = False,
) -> None:
    """Decide by other policies from now on, in place of all present ones; stewards only."""
    catalogue = desk(context).session.install_policies(_catalog(path), rationale)
    _installed(catalogue, as_json)


def policy_reset(context: typer.Context, rationale: Rationale, as_json: AsJson = False) -> None:
    """Decide by the policies that come with this package again; stewards only."""
    _installed(desk(context).session.reset_policies(rationale), as_json)


def _installed(catalogue: Catalogue, as_json: bool) -> None:
    files = sorted(catalogue.files)
    show({"files": files}, as_json, lambda: f"In force now: {', '.join(files)}.")


def _catalog(path: Path) -> dict[str, str]:
    """Return the texts of a catalogue by file name."""
    files = [path]
    if path.is_dir():
        files = [f for f in sorted(path.iterdir()) if f.suffix in (".cedar", ".cedarschema")]
    texts = {}
    for file in files:
        try:
            with file.open("rb") as source:
                texts[file.name] = source.read(_MAX_POLICY).decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"{file} cannot be read as text.",
                unchanged="No policy was loaded.",
                hint="Check the path.",
            ) from error
    return texts


def policy_explain(
    context: typer.Context,
    ref: Ref,
    right: Wanted,
    days: Annotated[int, typer.Option(help="How long, in days.")],
    category: Annotated[
        PurposeKind, typer.Option(help="The kind of purpose.")
    ] = PurposeKind.research,
    as_json: AsJson = False,
) -> None:
    """Ask the gateway about a request without making it."""
    wish = Wish.of(right=right, days=days, category=category, text="-")
    decision = desk(context).session.check_request(ref, wish)
    show(decision_view(decision), as_json, lambda: _decision(decision))
    if not decision.allowed:
        raise typer.Exit(Denied.exit_code)


def _decision(decision: Decision) -> str:
    needed = [f"  approvals needed: {decision.quorum}"] if decision.quorum else []
    return "\n".join(["allowed" if decision.allowed else "denied", *needed, *reasons(decision)])


def _page(view: dict[str, Any]) -> str:
    lines = [
        f"{view['ref']}  {view['title']}",
        f"{view['person']['name']} asks to {view['right']} for {view['days']} days"
        f"  ({view['state']}, turn {view['turn']})",
        f"Purpose ({view['purpose']['category']}): {view['purpose']['text']}",
        "",
        *(
            f"{check['outcome']:8} {check['title']}: {check['sentence']}"
            for check in view["checks"]
        ),
        "",
        *(f"{policy}" for policy in view["decision"]["rationale"]),
    ]
    for statement in view["evidence"]["statements"]:
        lines += ["", statement["title"], *(f"  {a}: {b}" for a, b in statement["rows"])]
    if view["right"] == Right.retrieve and "decide" in view["verbs"] and view["unmarkable"]:
        lines += ["", view["unmarkable"]]
    lines += ["", "History"]
    lines += [f"  {event['at']}  {event['sentence']}" for event in view["history"]]
    return "\n".join(lines)


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    review = typer.Typer(help="Decide on requests.", no_args_is_help=True)
    review.command("list")(queue)
    review.command("show")(show_request)
    for kind, help_ in (
        (VoteKind.approve, "Approve: this unlocks the release for this person and period."),
        (VoteKind.return_, "Return with questions; the requester can answer."),
        (VoteKind.reject, "Reject, with the reason."),
    ):
        review.command(kind.value, help=help_)(vote(kind))
    app.add_typer(review, name="review")
    app.command()(revoke)
    policy = typer.Typer(help="What the gateway says, and why.", no_args_is_help=True)
    policy.command("check")(policy_check)
    policy.command("explain")(policy_explain)
    policy.command("install")(policy_install)
    policy.command("reset")(policy_reset)
    app.add_typer(policy, name="policy")
