"""One person at one exchange: the verbs of the services, bound to who acts and what they remember.

Used alike by notebooks, the command line and the Lab server, so the same thing is possible from
each. Every contact checks that the log grew from the checkpoint this client saw last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, BinaryIO, Protocol

from workbench.errors import NotFound
from workbench.findings.scan import ScanReport
from workbench.policy.gate import Gate
from workbench.policy.seeing import Viewer, watches
from workbench.records import (
    Catalogue,
    Decision,
    Entry,
    Envelope,
    Grant,
    Person,
    Release,
    Request,
    Terms,
    Vote,
)
from workbench.release.evidence import Evidence
from workbench.services import content, copying, opened
from workbench.services.audit import Audit, Verification, viewer
from workbench.services.ballots import visible_votes, votes_on
from workbench.services.context import Actor, Context, Progress, hosts, release_ref, silent
from workbench.services.enrol import Enrol
from workbench.services.load import Load
from workbench.services.marks import MarkedCopy, Room, copies
from workbench.services.opened import Folder
from workbench.services.policies import in_force
from workbench.services.publish import Draft, Publish
from workbench.services.request import Asking, Wish
from workbench.services.retrieve import Retrieve
from workbench.services.review import Review
from workbench.services.sealing import ModelFile
from workbench.services.steer import Steer
from workbench.services.unlocking import Opened, Parcel, unlock, verify
from workbench.stores.contracts import Blobs
from workbench.vocabulary import Right, VoteKind, member

__all__ = ["Folder", "Memory", "Session", "silent"]


class Memory(Protocol):
    """What a person's client remembers between contacts."""

    def checkpoint(self) -> bytes | None:
        """Return the newest checkpoint this client has seen."""
        ...

    def remember(self, note: bytes) -> None:
        """Keep a newer checkpoint."""
        ...


class Session:
    """What one person can do, and see; ``room`` is where their client marks copies."""

    def __init__(
        self, context: Context, actor: Actor, memory: Memory, room: Room | None = None
    ) -> None:
        self.context = context
        self.actor = actor
        self._memory = memory
        self._room = room
        self._audit = Audit(context)
        self._publish = Publish(context)
        self._asking = Asking(context)
        self._review = Review(context)
        self._retrieve = Retrieve(context)

    # Who and what ----------------------------------------------------------------------------

    @property
    def person(self) -> Person:
        """The enrolled person."""
        return self.context.records.get(Person, self.actor.person)

    def people(self) -> list[Person]:
        """Return everybody enrolled."""
        return self.context.records.find(Person)

    def catalogue(self) -> list[Release]:
        """Return every release, newest last."""
        with self._contact():
            return self.context.records.find(Release)

    def release(self, ref: str) -> Release:
        """Return one release by ``org/name:version``."""
        return release_ref(self.context.records, ref)

    def terms(self, release: Release) -> Terms:
        """Return the terms a release asks to accept."""
        return self.context.records.get(Terms, release.listing.terms)

    def hosted(self) -> bool:
        """Return whether a host serves this exchange, so that models can be run hosted."""
        return bool(hosts(self.context.records))

    def holders(self, ref: str) -> list[Grant]:
        """Return the grants made for a release."""
        return self.context.records.find(Grant, release=ref)

    def grant_of(self, request: Request) -> Grant | None:
        """Return the grant a request led to."""
        grants = self.context.records.find(Grant, person=request.person, release=request.release)
        return next((grant for grant in grants if grant.request == request.id), None)

    # Owner -----------------------------------------------------------------------------------

    def check_publish(self, draft: Draft) -> Decision:
        """Return what the gateway would say to a draft."""
        return self._publish.check(self.actor, draft)

    def publish(
        self,
        draft: Draft,
        files: Sequence[ModelFile],
        *,
        statements: Sequence[Callable[[str], str]] = (),
        classical: bool = False,
        progress: Progress = silent,
    ) -> Release:
        """Publish a release; see :meth:`Publish.publish`."""
        with self._contact():
            return self._publish.publish(
                self.actor,
                draft,
                files,
                statements=statements,
                classical=classical,
                progress=progress,
            )

    def change_state(self, ref: str, verb: str, rationale: str) -> Release:
        """Deprecate, retire or withdraw a release."""
        with self._contact():
            return self._publish.change_state(self.actor, ref, verb, rationale)

    def add_custodian(self, ref: str, person: str) -> Envelope:
        """Give one more reviewer the keys to grant with."""
        with self._contact():
            return self._publish.add_custodian(self.actor, ref, person)

    # Requester -------------------------------------------------------------------------------

    def check_request(self, ref: str, wish: Wish) -> Decision:
        """Return what the gateway would say to a wish."""
        return self._asking.check(self.actor, ref, wish)

    def request(self, ref: str, wish: Wish, accepted_terms: str | None) -> Request:
        """Ask for a right."""
        with self._contact():
            return self._asking.request(self.actor, ref, wish, accepted_terms)

    def resubmit(self, request_id: str, wish: Wish, accepted_terms: str | None) -> Request:
        """Answer a returned request."""
        with self._contact():
            return self._asking.resubmit(self.actor, request_id, wish, accepted_terms)

    def withdraw_request(self, request_id: str) -> Request:
        """Take a request back."""
        with self._contact():
            return self._asking.withdraw(self.actor, request_id)

    def my_requests(self) -> list[Request]:
        """Return this person's requests, newest first."""
        with self._contact():
            mine = self.context.records.find(Request, person=self.actor.person)
            return mine[::-1]

    # Reviewer --------------------------------------------------------------------------------

    def queue(self) -> list[Request]:
        """Return what waits for this person's vote."""
        with self._contact():
            return self._review.queue(self.actor)

    def request_by_id(self, request_id: str) -> Request:
        """Return a request this person may see: their own, or as reviewer, owner or auditor.

        Raises:
            NotFound: no such request, or not theirs to see.
        """
        request = self.context.records.get(Request, request_id)
        person = self.person
        owner = self.release(request.release).listing.owner
        if person.id in (request.person, owner) or watches(person):
            return request
        raise NotFound(f"There is no request {request_id} for you to see.")

    def earlier(self, request: Request) -> list[Request]:
        """Return the same person's earlier requests for the same release name, newest first."""
        name = request.release.partition(":")[0]
        found = [
            other
            for other in self.context.records.find(Request, person=request.person)
            if other.id != request.id
            and other.release.partition(":")[0] == name
            and other.created <= request.created
        ]
        return found[::-1]

    def votes(self, request: Request) -> list[Vote]:
        """Return the votes this person may see now."""
        return visible_votes(self.context.records, request, self.actor.person)

    def waits_for_me(self, request: Request) -> bool:
        """Return whether a request waits for this person's vote."""
        return self._review.waits_for(self.actor, request)

    def votes_needed(self, request: Request) -> int:
        """Return how many votes the gateway asks for."""
        return self._review.votes_needed(request)

    def votes_given(self, request: Request) -> int:
        """Return how many votes are in on this turn, without saying which way."""
        return len(votes_on(self.context.records, request))

    def check_decide(self, request: Request) -> Decision:
        """Return what the gateway says to this person deciding."""
        return self._review.check(self.actor, request)

    def decide(
        self,
        request_id: str,
        vote: VoteKind | str,
        rationale: str,
        *,
        days: int | None = None,
        right: Right | str | None = None,
        mark: bool = False,
        evaluate: Callable[[Mapping[str, BinaryIO]], float] | None = None,
        progress: Progress = silent,
    ) -> Request:
        """Vote on a request: ``approve``, ``return`` or ``reject``; see :meth:`Review.decide`.

        With ``mark`` the copy carries a mark that names the grant (:meth:`marked_copies`).
        ``evaluate`` gets the model's files, open for reading, by their names, and says how good it
        is, before and after. ``progress``, like Ctrl-C, may stop it until the vote is cast: no vote
        is cast then, and no copy is left.
        """
        marking = copying.Marking(self._room, progress, evaluate) if self._room else None
        with self._contact():
            return self._review.decide(
                self.actor,
                request_id,
                member(VoteKind, vote),
                rationale,
                days=days,
                right=member(Right, right) if right else None,
                mark=mark,
                marking=marking,
            )

    def marked_copies(self) -> list[MarkedCopy]:
        """Return the copies that were marked from here, oldest first: for whom, and how."""
        return copies(self._room.shelf) if self._room else []

    def trace(
        self,
        found: Sequence[ModelFile],
        against: Sequence[ModelFile] | str,
        progress: Progress = silent,
    ) -> list[Any]:
        """Return whose marked copies files are; see :func:`workbench.services.copying.trace`."""
        with self._contact():
            return copying.trace(self.context, self.actor, self._room, found, against, progress)

    def revoke(self, grant_id: str, rationale: str) -> Grant:
        """End a grant early."""
        with self._contact():
            return self._review.revoke(self.actor, grant_id, rationale)

    def evidence(self, ref: str) -> Evidence:
        """Open the evidence of a release this person holds keys for."""
        return self._retrieve.evidence(self.actor, ref)

    # Recipient -------------------------------------------------------------------------------

    def open(
        self, ref: str, target: AbstractContextManager[Folder], progress: Progress = silent
    ) -> Opened:
        """Verify every step and write the opened release into ``target``.

        The folder gets ``model/…``, ``receipt.tlog-proof`` and the documents of
        :func:`workbench.services.opened.keep`; nothing of it stays if a step fails.
        """
        with self._contact(), target as folder:
            found = self._retrieve.open(self.actor, ref, content.ModelPlace(folder), progress)
            opened.keep(folder, found)
            entry = self._retrieve.published(found.listing.ref)
            folder.write("receipt.tlog-proof", self._audit.receipt(entry.index))
            return found

    def allow_load(self, ref: str, report: ScanReport, insisted: bool) -> None:
        """Ask whether an opened model may be loaded as a program; see :meth:`Load.may`."""
        with self._contact():
            Load(self.context).may(self.actor, ref, report, insisted=insisted)

    def open_parcel(
        self,
        parcel: Parcel,
        blobs: Blobs,
        target: AbstractContextManager[Folder],
        progress: Progress = silent,
    ) -> Opened:
        """Open a sealed file; as :meth:`open`, without an exchange and so without a receipt."""
        with target as folder:
            place = content.ModelPlace(folder)
            found = unlock(
                parcel, blobs, self.actor.signer, place.create, self.context.now(), progress
            )
            report = content.opened(found.resources, place, self.context, progress)
            content.refuse(report, "Nothing was opened.")
            opened.keep(folder, found)
            return found

    def verify_parcel(
        self, parcel: Parcel, blobs: Blobs, progress: Progress = silent
    ) -> tuple[str, ...]:
        """Return the trust steps that passed for a sealed file, without writing anything."""
        return verify(parcel, blobs, self.actor.signer, self.context.now(), progress)

    def verify(self, ref: str, progress: Progress = silent) -> tuple[str, ...]:
        """Return the trust steps that passed for a release, without writing anything."""
        with self._contact():
            return self._retrieve.verify(self.actor, ref, progress)

    # Auditor ---------------------------------------------------------------------------------

    def timeline(self, **filters: Any) -> list[Entry]:
        """Return the log entries this person may see, newest first; see :meth:`Audit.timeline`."""
        with self._contact():
            return self._audit.timeline(**filters, seen=self.viewer().sees)

    def viewer(self) -> Viewer:
        """Return this person as somebody to whom events are shown, or not."""
        return viewer(self.context.records, self.person)

    def first_entry(self) -> Entry | None:
        """Return the oldest log entry."""
        return next(iter(self.context.records.entries(0, 1)), None)

    def log_size(self) -> int:
        """Return how many entries the log has."""
        return self._audit.size()

    def verify_log(self) -> Verification:
        """Verify the whole log against what this client saw before."""
        with self._contact():
            return self._audit.verify(self._memory.checkpoint())

    def receipt(self, index: int) -> bytes:
        """Return the receipt of a log entry.

        Raises:
            NotFound: no such entry, or the receipt would show what is not theirs to see.
        """
        with self._contact():
            return self._audit.receipt(index, self.viewer().sees_whole)

    def check_receipt(self, data: bytes) -> Entry:
        """Verify a receipt."""
        return self._audit.check_receipt(data)

    def suspend(self, who: str, reason: str, *, lift: bool = False) -> Person:
        """Suspend a person, or lift it."""
        with self._contact():
            return Enrol(self.context).suspend(self.actor, who, reason, lift=lift)

    def gate(self) -> Gate:
        """Return the policies in force; see :func:`workbench.services.policies.in_force`."""
        return in_force(self.context.records)

    def install_policies(self, files: Mapping[str, str], reason: str) -> Catalogue:
        """Put other policies into force; see :meth:`Steer.install`."""
        with self._contact():
            return Steer(self.context).install(self.actor, files, reason)

    def reset_policies(self, reason: str) -> Catalogue:
        """Put the packaged policies into force again."""
        with self._contact():
            return Steer(self.context).reset(self.actor, reason)

    @contextmanager
    def _contact(self) -> Iterator[None]:
        self._audit.check_growth(self._memory.checkpoint())
        yield
        self._memory.remember(self._audit.check_growth(self._memory.checkpoint()))
