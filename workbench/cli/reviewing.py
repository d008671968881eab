"""Deciding, revoking, and what the gateway says."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.cli.asking import request_line
from workbench.cli.console import desk, show, table
from workbench.cli.owning import AsJson, Rationale
from workbench.errors import Denied
from workbench.records import Decision, PurposeKind, Right, VoteKind
from workbench.services.request import Wish
from workbench.views import decision_view, grant_view, request_detail, request_view

__all__ = ["add"]


def queue(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what waits for your vote."""
    session = desk(context).session
    views = [request_view(session, item) for item in session.queue()]
    rows = [request_line(view) for view in views]
    show(views, as_json, lambda: table(rows, "Nothing to review."))


def show_request(context: typer.Context, request_id: str, as_json: AsJson = False) -> None:
    """Show everything about a request: who, what, why, how long, evidence, checks, history."""
    session = desk(context).session
    view = request_detail(session, session.request_by_id(request_id))
    show(view, as_json, lambda: _page(view))


def vote(kind: VoteKind) -> Any:
    """Return the command that casts this vote."""

    def cast(
        context: typer.Context,
        request_id: str,
        rationale: Rationale,
        days: Annotated[int | None, typer.Option(help="Allow fewer days.")] = None,
        right: Annotated[Right | None, typer.Option(help="Allow another right.")] = None,
        as_json: AsJson = False,
    ) -> None:
        session = desk(context).session
        made = session.decide(request_id, kind, rationale, days=days, right=right)
        show(request_view(session, made), as_json, lambda: f"{made.id}  {made.state.value}")

    def turn_down(
        context: typer.Context, request_id: str, rationale: Rationale, as_json: AsJson = False
    ) -> None:
        session = desk(context).session
        made = session.decide(request_id, kind, rationale)
        show(request_view(session, made), as_json, lambda: f"{made.id}  {made.state.value}")

    return cast if kind is VoteKind.approve else turn_down


def revoke(
    context: typer.Context, grant: str, rationale: Rationale, as_json: AsJson = False
) -> None:
    """End a grant before its time."""
    session = desk(context).session
    ended = session.revoke(grant, rationale)
    show(grant_view(session, ended), as_json, lambda: f"{ended.id} is revoked.")


def policy_check(context: typer.Context, as_json: AsJson = False) -> None:
    """Show the policies in force, with their reasons."""
    policies = desk(context).session.context.gate.policies()
    rows = [(str(p["id"]), str(p["effect"]), str(p["rationale"])) for p in policies]
    show(policies, as_json, lambda: table(rows, "There is no policy; everything is denied."))


def policy_explain(
    context: typer.Context,
    ref: str,
    right: Annotated[Right, typer.Option()],
    days: Annotated[int, typer.Option()],
    category: Annotated[PurposeKind, typer.Option()] = PurposeKind.research,
    as_json: AsJson = False,
) -> None:
    """Ask the gateway about a request without making it."""
    wish = Wish.of(right=right, days=days, category=category, text="-")
    decision = desk(context).session.check_request(ref, wish)
    show(decision_view(decision), as_json, lambda: _decision(decision))
    if not decision.allowed:
        raise typer.Exit(Denied.exit_code)


def _decision(decision: Decision) -> str:
    lines = ["allowed" if decision.allowed else "denied"]
    pairs = zip(decision.policies, decision.rationale, strict=False)
    lines += [f"  policy {policy}: {reason}" for policy, reason in pairs]
    if decision.quorum:
        lines.append(f"  approvals needed: {decision.quorum}")
    lines += [f"  first: {advice}" for advice in decision.advice]
    lines += [f"  allowed instead: {other.sentence}" for other in decision.alternatives]
    return "\n".join(lines)


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
    app.add_typer(policy, name="policy")
