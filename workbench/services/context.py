"""What every verb stands on: who acts, in which transaction, and refusals that leave a trace."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from workbench.crypto import dsse
from workbench.errors import Denied, NotFound
from workbench.forms import Record, to_second
from workbench.ledger import checkpoint
from workbench.policy.gate import Question
from workbench.records import Decision, Device, Event, Grant, Person, Release, Request
from workbench.release import acts
from workbench.services import policies, signed
from workbench.stores.contracts import Blobs, Reading, Records, Writing
from workbench.vocabulary import GrantState, RequestState, Role

__all__ = [
    "EXCHANGE",
    "Actor",
    "Context",
    "Progress",
    "Signer",
    "hosts",
    "onward",
    "release_ref",
    "reviewers",
    "silent",
]

Progress = Callable[[str, int, int], None]
"""Called with (what is happening, done, total); may raise to cancel."""

EXCHANGE = "exchange"  # the person id under which the exchange itself acts


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


def onward(progress: Progress, what: str, before: int, total: int) -> Callable[[int], None]:
    """Return a counter for one part of a longer work, of which ``before`` is done already."""
    return lambda count: progress(what, before + count, total)


class Signer(Protocol):
    """A device that signs and opens without showing its keys."""

    @property
    def device(self) -> Device: ...
    def sign(self, message: bytes) -> bytes: ...
    def open(self, sealed: bytes) -> bytes: ...


@dataclass(frozen=True)
class Actor:
    """A person on one of their devices."""

    person: str
    signer: Signer

    @property
    def device(self) -> Device:
        """The public half of the device."""
        return self.signer.device

    def act(self, kind: str, body: dict[str, Any]) -> str:
        """Return the signed statement (Sigstore bundle) that this person did this."""
        payload = acts.act(kind, [], body)
        return dsse.bundle(payload, self.signer.sign, self.device.signing_key)


@dataclass(frozen=True)
class Context:
    """The parts of one exchange, chosen in ``app``.

    ``custodian`` is the exchange's own device; it opens releases of level *open* and nothing else.
    """

    records: Records
    blobs: Blobs
    verifier: str  # of the log's checkpoints
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    custodian: Signer | None = None

    def now(self) -> datetime:
        """Return the present, to the second."""
        return to_second(self.clock())

    def new_id(self, prefix: str) -> str:
        """Return a fresh identifier such as ``rq-k3v9…`` (80 random bits)."""
        return f"{prefix}-{base64.b32encode(self.random(10)).decode().lower()}"

    def exchange_actor(self) -> Actor | None:
        """Return the exchange acting for itself, where it holds keys."""
        return Actor(EXCHANGE, self.custodian) if self.custodian else None

    def member(self, reading: Reading, actor: Actor) -> Person:
        """Return the enrolled person behind ``actor``.

        Raises:
            Denied: not enrolled, or not with this device.
        """
        try:
            person = reading.get(Person, actor.person)
        except NotFound:
            raise Denied(
                f"{actor.person} is not enrolled in this exchange.",
                unchanged="Nothing was changed.",
                hint="Run `workbench init --name NAME` first.",
            ) from None
        if person.device(actor.device.id) != actor.device:
            raise Denied(
                f"This device is not one of {person.name}'s enrolled devices.",
                unchanged="Nothing was changed.",
                hint="Use an enrolled device, or enrol this one with `workbench init`.",
            )
        return person

    def event(self, actor: Actor, kind: str, **fields: Any) -> Event:
        """Return an event of now, by this actor."""
        return Event(kind=kind, at=self.now(), actor=actor.person, device=actor.device.id, **fields)

    @contextmanager
    def changing(
        self, actor: Actor, verb: str, *, release: str | None = None, request: str | None = None
    ) -> Iterator[Writing]:
        """Open a transaction in which a :class:`Denied` undoes everything and is itself logged."""
        try:
            with self.records.writing() as writing:
                self._expire(writing)
                yield writing
        except Denied as denied:
            decision = denied.decision
            with self.records.writing() as writing:
                self._expire(writing)
                writing.append(
                    self.event(
                        actor,
                        "refused",
                        release=release,
                        request=request,
                        reason=denied.message,
                        policies=decision.policies if decision else (),
                        details={"verb": verb},
                    )
                )
            raise

    def _expire(self, writing: Writing) -> None:
        """Let grants whose time is over end before anything else is decided."""
        now = self.now()
        system = self.exchange_actor()
        for grant in writing.find(Grant, state=GrantState.active):
            if grant.not_after > now:
                continue
            changed: list[Record] = [grant.evolve(state=GrantState.expired)]
            with suppress(NotFound):  # a lost request must not keep anybody from writing
                request = writing.get(Request, grant.request)
                changed.append(request.evolve(state=RequestState.expired, updated=now))
            writing.append(
                Event(
                    kind="expired",
                    at=now,
                    actor=EXCHANGE,
                    device=system.device.id if system else "",
                    release=grant.release,
                    request=grant.request,
                    subject=grant.person,
                    reason=f"The grant ended at {grant.not_after:%Y-%m-%d %H:%M} UTC.",
                ),
                *changed,
            )

    def next_entry(self, writing: Writing) -> int:
        """Return where in the log the next event of this transaction will stand."""
        size = checkpoint.verify(writing.checkpoint(), self.verifier).size
        return size + len(writing.entries(size))

    def decide(self, reading: Reading, question: Question) -> Decision:
        """Return what the policies in force in this exchange say."""
        return policies.decide(reading, question)

    def require(self, decision: Decision, found: str = "") -> Decision:
        """Return an allowing decision; ``found`` is what made it deny, as in :class:`Denied`.

        Raises:
            Denied: the decision does not allow; it travels with the error.
        """
        if not decision.allowed:
            raise Denied(
                " ".join(decision.rationale) or "No policy allows this.",
                decision=decision,
                found=found,
                unchanged="Nothing was changed.",
                hint=_way_forward(decision),
            )
        return decision


def _way_forward(decision: Decision) -> str:
    ways = [alternative.sentence for alternative in decision.alternatives] or list(decision.advice)
    return "You can: " + " · ".join(ways) if ways else ""


def release_ref(reading: Reading, ref: str) -> Release:
    """Return a release by ``org/name:version``.

    Raises:
        NotFound: there is none, with the nearest versions of the same name.
        TrustError: it is not what its owner signed (step ``"release statement"``).
    """
    try:
        return signed.check_release(reading, reading.get(Release, ref))
    except NotFound:
        name = ref.partition(":")[0]
        others = [r.key for r in reading.find(Release) if r.listing.name == name]
        hint = (
            f"There is {', '.join(others[-3:])}." if others else "`workbench catalog` lists them."
        )
        raise NotFound(f"There is no release {ref} here.", hint=hint) from None


def hosts(reading: Reading) -> list[Person]:
    """Return the enrolled, not suspended evaluators that have a device to seal to."""
    return [
        person
        for person in reading.find(Person)
        if Role.evaluator in person.roles and not person.suspended and person.devices
    ]


def reviewers(reading: Reading, *, besides: Sequence[str] = ()) -> list[Person]:
    """Return the enrolled, not suspended reviewers other than ``besides``."""
    return [
        person
        for person in reading.find(Person)
        if Role.reviewer in person.roles and not person.suspended and person.id not in besides
    ]
