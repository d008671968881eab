"""The nouns: one definition for disk, wire and screen.

Every record is frozen; a change is a new record made by :meth:`Record.evolve`. What they are
made of is in :mod:`workbench.forms`, the words they choose from in :mod:`workbench.vocabulary`.

Who:      :class:`Person`, :class:`Device`
What:     :class:`Listing`, :class:`Facts`, :class:`Parent`, :class:`Terms`, :class:`Release`
Rules:    :class:`Catalogue`
Asking:   :class:`Purpose`, :class:`Request`, :class:`Vote`, :class:`Grant`, :class:`Envelope`
Deciding: :class:`Decision`, :class:`Alternative`
Log:      :class:`Event`, :class:`Entry`
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, StringConstraints

from workbench.encoding import digest
from workbench.forms import (
    Digest,
    Grown,
    Model,
    PersonId,
    Prose,
    Record,
    Region,
    Time,
    Word,
    no_controls,
)
from workbench.listing import Facts, Listing, Parent
from workbench.vocabulary import (
    GrantState,
    PurposeKind,
    ReleaseState,
    RequestState,
    Right,
    Role,
    VoteKind,
)

__all__ = [
    "KINDS",
    "Alternative",
    "Catalogue",
    "Decision",
    "Device",
    "Entry",
    "Envelope",
    "Event",
    "Facts",
    "Grant",
    "Listing",
    "Parent",
    "Person",
    "Purpose",
    "Release",
    "Request",
    "Terms",
    "Vote",
]

# Who ---------------------------------------------------------------------------------------------


class Device(Model):
    """The public half of one keystore: where a person signs and opens.

    ``id`` is the SHA-256 hex of the signing key's PEM, the hint that OMS bundles carry.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    label: Word
    signing_key: Annotated[str, StringConstraints(max_length=1000)]  # PEM, ECDSA P-256
    recipient: Annotated[str, StringConstraints(max_length=4000)]  # age1… or age1pq1…
    region: Region


class Person(Record):
    """Somebody (or an evaluator host) enrolled in an exchange."""

    kind: ClassVar[str] = "person"

    id: PersonId
    name: Word
    roles: tuple[Role, ...]
    devices: tuple[Device, ...]
    suspended: Word | None = None  # the reason, while it lasts

    @property
    def key(self) -> str:
        return self.id

    def device(self, device_id: str) -> Device | None:
        """Return the enrolled device with this id, if there is one."""
        return next((device for device in self.devices if device.id == device_id), None)


# What --------------------------------------------------------------------------------------------


class Terms(Record):
    """The conditions a recipient accepts by signature; known by their digest."""

    kind: ClassVar[str] = "terms"

    title: Word
    text: Annotated[Prose, StringConstraints(min_length=1)]

    @property
    def key(self) -> str:
        return digest(self.to_bytes())


class Release(Record):
    """A published release: its listing, where its bytes are, and where in its life it is."""

    kind: ClassVar[str] = "release"

    listing: Listing
    manifest: Digest  # of the OCI image manifest; everything else hangs from it
    statement: str  # the owner's signed release statement, a Sigstore bundle (JSON text)
    state: ReleaseState
    published: Time
    entry: Annotated[int, Field(ge=0)]  # where in the log its publication stands

    @property
    def key(self) -> str:
        return self.listing.ref

    @property
    def columns(self) -> dict[str, str | None]:
        return {"person": self.listing.owner, "release": self.key, "state": self.state}


# Asking ------------------------------------------------------------------------------------------


class Purpose(Model):
    """What somebody wants a model for: a kind, and their own words."""

    category: PurposeKind
    text: Annotated[Prose, StringConstraints(min_length=1, max_length=4000)]


class Request(Record):
    """Somebody asks for one right on one device for some days."""

    kind: ClassVar[str] = "request"

    id: str
    release: str  # org/name:version
    manifest: Digest
    person: PersonId
    device: str
    right: Right
    purpose: Purpose
    days: Annotated[int, Field(ge=1, le=3650)]
    terms: Digest  # the terms accepted, by signature over this record
    state: RequestState
    turn: int = 1  # grows each time it comes back from being returned
    created: Time
    updated: Time
    statement: str  # the requester's signed act, a Sigstore bundle

    @property
    def key(self) -> str:
        return self.id

    @property
    def columns(self) -> dict[str, str | None]:
        return {"person": self.person, "release": self.release, "state": self.state}


class Vote(Record, Grown):
    """One reviewer's decision on one turn of a request."""

    kind: ClassVar[str] = "vote"
    LATER: ClassVar[frozenset[str]] = frozenset({"mark"})

    request: str
    turn: int
    reviewer: PersonId
    vote: VoteKind
    rationale: Annotated[Prose, StringConstraints(min_length=1)]
    days: int | None = None  # a reviewer may allow less than was asked
    right: Right | None = None  # … or another right
    mark: bool = False  # approve with a marked copy only
    at: Time
    statement: str

    @property
    def key(self) -> str:
        return f"{self.request}/{self.turn}/{self.reviewer}"

    @property
    def columns(self) -> dict[str, str | None]:
        return {"person": self.reviewer, "release": self.request, "state": self.vote}


class Envelope(Record):
    """The release keys in a small age file, sealed to one device.

    ``grant`` is ``None`` for the owner and the custodians.
    """

    kind: ClassVar[str] = "envelope"

    id: str
    release: str
    manifest: Digest
    person: PersonId
    device: str
    grant: str | None
    sealed: str  # base64 of the age file

    @property
    def key(self) -> str:
        return self.id

    @property
    def columns(self) -> dict[str, str | None]:
        return {"person": self.person, "release": self.release, "state": None}


class Grant(Record, Grown):
    """The result of an approval: one right, one device, one period."""

    kind: ClassVar[str] = "grant"
    LATER: ClassVar[frozenset[str]] = frozenset({"copy_manifest"})

    id: str
    request: str
    release: str
    manifest: Digest
    person: PersonId
    device: str
    right: Right
    not_before: Time
    not_after: Time
    state: GrantState
    envelope: str  # the id of the envelope that makes it real
    envelope_digest: Digest  # of the sealed bytes
    copy_manifest: Digest | None = None  # of the marked copy that the envelope opens
    statement: str  # the granting reviewer's (or the exchange's) signed act

    @property
    def key(self) -> str:
        return self.id

    @property
    def columns(self) -> dict[str, str | None]:
        return {"person": self.person, "release": self.release, "state": self.state}


# Rules -------------------------------------------------------------------------------------------

_PolicyFile = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.cedar(schema)?$")
]
_MAX_CATALOGUE = 200_000  # characters; the packaged catalogue is a tenth of it


def _not_too_long(files: dict[str, str]) -> dict[str, str]:
    if sum(map(len, files.values())) > _MAX_CATALOGUE:
        raise ValueError(f"the policies are longer than {_MAX_CATALOGUE} characters together")
    return files


class Catalogue(Record):
    """The policies an exchange has put in place of the packaged ones: Cedar texts by file name.

    There is one at most. A file ``schema.cedarschema`` stands in for the packaged schema.
    """

    kind: ClassVar[str] = "catalogue"

    files: Annotated[
        dict[_PolicyFile, Annotated[str, AfterValidator(no_controls)]],
        Field(min_length=1, max_length=64),
        AfterValidator(_not_too_long),
    ]
    steward: PersonId
    statement: str  # the steward's signed act, a Sigstore bundle

    @property
    def key(self) -> str:
        return "current"


_KEPT = (Person, Terms, Release, Request, Vote, Grant, Envelope, Catalogue)
KINDS: Mapping[str, type[Record]] = MappingProxyType({kind.kind: kind for kind in _KEPT})
"""Every record that an exchange keeps, by the word it is filed under."""

# Deciding ----------------------------------------------------------------------------------------


class Alternative(Model):
    """A nearby request that the same policies allow right now.

    ``change`` holds the fields of the question to set; ``sentence`` says it to a person.
    """

    change: dict[str, Any]
    sentence: str


class Decision(Model):
    """What the gateway answered, why, and what would be allowed instead."""

    allowed: bool
    action: str
    policies: tuple[str, ...]  # the @id of each deciding policy
    rationale: tuple[str, ...]  # their @rationale, in the same order
    advice: tuple[str, ...] = ()  # their @alternative: what a person could do first
    quorum: int = 0  # approvals needed
    max_days: int = 0  # longest grant; 0 where it does not apply
    mfa: bool = False
    alternatives: tuple[Alternative, ...] = ()


# Log ---------------------------------------------------------------------------------------------


class Event(Model):
    """One thing that happened, with its reason; the ledger's leaf commits to it.

    ``changes`` maps ``kind/key`` of every record written by the same commit to the digest of its
    bytes, so an edited row is found by reading the log.
    """

    kind: Word
    at: Time
    actor: PersonId
    device: str
    release: str | None = None
    request: str | None = None
    subject: str | None = None  # another person or thing concerned
    reason: Prose = ""
    policies: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)
    changes: dict[str, Digest] = Field(default_factory=dict)
    statement: str | None = None  # the actor's signed act, a Sigstore bundle


class Entry(Model):
    """An event at its place in the ledger.

    ``salt`` (base64, 32 bytes) hides the event in the log; showing it opens the commitment.
    """

    index: int
    salt: str
    event: Event
