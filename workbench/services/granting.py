"""An approved request becomes a grant: the release keys, sealed to exactly one device."""

from __future__ import annotations

from datetime import timedelta

from workbench.encoding import digest
from workbench.errors import Denied, NotFound
from workbench.records import Device, Grant, Person, Release, Request
from workbench.release import acts
from workbench.release.envelope import ReleaseKeys
from workbench.services import envelopes
from workbench.services.context import Actor, Context, hosts
from workbench.services.copying import Made
from workbench.stores.contracts import Reading, Writing
from workbench.vocabulary import GrantState, RequestState, Right

__all__ = ["grant", "grant_by_exchange", "holder"]


def grant(
    context: Context,
    writing: Writing,
    actor: Actor,
    release: Release,
    request: Request,
    *,
    right: Right,
    days: int,
    reason: str,
    policies: tuple[str, ...],
    copy: Made | None = None,
) -> Request:
    """Seal the keys for an approved request and record the grant, in the caller's transaction.

    ``retrieve`` is sealed to the requester's device; ``infer`` and hosted ``fine_tune`` to the
    evaluator, so weights never reach the requester. Where a marked ``copy`` was made, its key takes
    the place of the key to the release's own files.

    Raises:
        NotFound: the actor holds no keys, or there is no host to seal to.
        Denied: the requester's device is gone.
        TrustError: the actor's envelope does not open.
        InputError, Unavailable: the copy cannot be kept, as :meth:`Made.keep`.
    """
    keys = envelopes.held(writing, actor, release)
    if copy is not None:
        keys = ReleaseKeys(weights=copy.weights, evidence=keys.evidence)
    now = context.now()
    grant_id = context.new_id("gr") if copy is None else copy.grant
    person, device = holder(writing, request, right)
    sealed = envelopes.seal(context, release, person.id, device, keys, grant=grant_id)
    bare = Grant(
        id=grant_id,
        request=request.id,
        release=release.key,
        manifest=release.manifest,
        person=request.person,
        device=device.id,
        right=right,
        not_before=now,
        not_after=now + timedelta(days=days),
        state=GrantState.active,
        envelope=sealed.id,
        envelope_digest=digest(envelopes.sealed_bytes(sealed)),
        copy_manifest=None if copy is None else copy.manifest,
        statement="",
    )
    made = bare.evolve(statement=actor.act("grant", acts.signed_body(bare)))
    if copy is not None:
        copy.keep()  # no earlier: what fails before leaves nothing of it
    done = request.evolve(state=RequestState.granted, updated=now)
    writing.append(
        context.event(
            actor,
            "granted",
            release=release.key,
            request=request.id,
            subject=request.person,
            reason=reason,
            policies=policies,
            details={
                "grant": made.id,
                "right": right.value,
                "days": days,
                "not_after": made.model_dump(mode="json")["not_after"],
                **({} if copy is None else {"marked": True}),
            },
            statement=made.statement,
        ),
        made,
        sealed,
        done,
    )
    return done


def grant_by_exchange(
    context: Context, writing: Writing, release: Release, request: Request
) -> Request:
    """Grant a request that needs no reviewer (level *open*).

    Raises:
        Denied: this exchange holds no keys of its own.
    """
    exchange = context.exchange_actor()
    if exchange is None:
        raise Denied(
            "This exchange cannot grant by itself: its own keys are not here.",
            unchanged="No request was made.",
            hint="Ask its operator to unlock the exchange's key.",
        )
    return grant(
        context,
        writing,
        exchange,
        release,
        request,
        right=request.right,
        days=request.days,
        reason="Level open: the policy asks for no reviewer.",
        policies=("approvals-none",),
    )


def holder(reading: Reading, request: Request, right: Right) -> tuple[Person, Device]:
    """Return whose device the keys for an approved request are sealed to.

    Raises:
        Denied: the requester's device is gone.
        NotFound: there is no host to seal to.
    """
    person = reading.get(Person, request.person)
    if right is Right.retrieve:
        device = person.device(request.device)
        if device is None:
            raise Denied(
                f"{person.name} no longer has the device this was asked for.",
                unchanged="The request is as it was.",
                hint="Return it and ask for a request from a present device.",
            )
        return person, device
    for host in hosts(reading):
        return host, host.devices[0]
    raise NotFound("No evaluator host serves this exchange.", unchanged="The request is as it was.")
