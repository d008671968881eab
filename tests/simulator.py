"""A whole exchange in memory, for tests: it publishes one release and approves one request.

:class:`Simulator` holds every piece that a recipient would receive as a plain attribute. An attack
is a one-line edit of it; :meth:`Simulator.verify` then plays the recipient.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from workbench.crypto import age, dsse
from workbench.crypto.keys import DeviceSecret, LogSecret, VerifyingKey
from workbench.encoding import b64decode, b64encode, digest
from workbench.ledger import merkle, proof
from workbench.ledger.checkpoint import CheckpointSigner
from workbench.records import Device, Entry, Envelope, Event, Facts, Grant, Listing, Person
from workbench.release import acts, copied, envelope, evidence, layout, signing, trust
from workbench.vocabulary import GrantState, Right, Role, Sensitivity

__all__ = ["Actor", "Simulator"]

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FILES = {
    "config.json": b'{"layers": 2}',
    "weights/part.bin": bytes(range(256)) * 4,
    "weights.txt": b"two parts",
}
MARKED = "weights/part.bin"  # the file that a marked copy has another one of


@dataclass
class Actor:
    """A person with one device, private half included."""

    id: str
    roles: tuple[Role, ...] = (Role.researcher,)
    secret: DeviceSecret = field(default_factory=lambda: DeviceSecret.generate(classical=True))

    @property
    def device(self) -> Device:
        return self.secret.device("laptop", "eu")

    @property
    def person(self) -> Person:
        return Person(id=self.id, name=self.id.title(), roles=self.roles, devices=(self.device,))

    @property
    def key(self) -> VerifyingKey:
        return self.secret.signing.public

    def sign(self, payload: bytes) -> str:
        """Sign an in-toto statement as this person."""
        return dsse.bundle(payload, self.secret.signing.sign, self.key.pem)


class Log:
    """A ledger in memory."""

    def __init__(self, random: Random) -> None:
        self.secret = LogSecret.generate("exchange.example/log")
        self.verifier = self.secret.verifier
        self.signer = CheckpointSigner("exchange.example/log", self.verifier, self.secret.sign_raw)
        self.random = random
        self.size = 0
        self.nodes: dict[tuple[int, int], bytes] = {}

    def fetch(self, wanted) -> list[bytes]:
        return [self.nodes[node] for node in wanted]

    def append(self, event: Event) -> Entry:
        salt = self.random.randbytes(proof.SALT_SIZE)
        leaf = merkle.leaf_hash(proof.commitment(salt, event.to_bytes()))
        self.nodes |= merkle.append(self.fetch, self.size, [leaf])
        self.size += 1
        return Entry(index=self.size - 1, salt=b64encode(salt), event=event)

    def receipt(self, entry: Entry) -> bytes:
        note = self.signer.sign(self.size, merkle.root(self.fetch, self.size))
        path = merkle.inclusion(self.fetch, entry.index, self.size)
        return proof.write(entry.index, path, note, entry.to_bytes())


def resources(contents: dict[str, bytes]) -> list[signing.Resource]:
    """The names and digests of files, in the order of their names."""
    return [
        signing.Resource(name, hashlib.sha256(data).hexdigest())
        for name, data in sorted(contents.items())
    ]


class Simulator:
    """One release, from publication to the recipient's disk.

    Settings may be changed before :meth:`publish` or :meth:`approve` is called again; everything
    else is what the recipient receives and an attacker may edit.
    """

    def __init__(self, ref: str = "lab/model:1.0", *, seed: int = 1, marked: bool = False) -> None:
        self.random = Random(seed)
        self.owner = Actor("olga")
        self.reviewer = Actor("remy", (Role.reviewer,))
        self.recipient = Actor("rita")
        self.evaluator = Actor("eva", (Role.evaluator,))
        self.stranger = Actor("sam")
        self.log = Log(self.random)
        # settings
        self.published_ref = ref
        self.contents = dict(FILES)
        self.right = Right.retrieve
        self.marked = marked
        self.granter = self.reviewer
        self.not_before = NOW - timedelta(days=1)
        self.not_after = NOW + timedelta(days=13)
        # how the recipient calls
        self.ref: str | None = ref
        self.now = NOW
        self.trusted_owner: Person | VerifyingKey = self.owner.person
        self.signers = [self.reviewer.person]
        self.hosted = False
        self.logged = True
        self.publish()
        self.approve()
        self.device = self.envelope.device

    def publish(self) -> None:
        """Seal, sign and log the release."""
        self.keys = envelope.ReleaseKeys(
            age.X25519Identity.generate(self.random.randbytes),
            age.X25519Identity.generate(self.random.randbytes),
        )
        self.published = resources(self.contents)
        self.measure()
        sealed = [self.seal(data, self.keys.weights) for _, data in sorted(self.contents.items())]
        name, version = self.published_ref.split(":")
        listing = Listing(
            name=name,
            version=version,
            title="A model",
            license="Apache-2.0",
            terms=digest(b"terms"),
            sensitivity=Sensitivity.internal,
            rights=(Right.infer, Right.retrieve),
            owner=self.owner.id,
            exchange_is_custodian=False,
            facts=Facts(),
            commitment=evidence.commitment(
                self.commitment_key, signing.root_digest(self.published)
            ),
        )
        self.listing = listing.to_bytes()
        self.manifest = layout.Manifest(
            layout.Descriptor.of(layout.LISTING, self.listing),
            layout.Descriptor.of(layout.EVIDENCE, self.sealed_evidence),
            tuple(layout.Descriptor.of(layout.FILE, data) for data in sealed),
        ).to_bytes()
        self.manifest_digest = digest(self.manifest)
        self.statement = self.owner.sign(
            trust.release_statement(self.published_ref, self.manifest_digest, digest(self.listing))
        )
        self.announce()

    def measure(self) -> None:
        """Sign what was measured about the model."""
        root = signing.root_digest(self.published)
        self.commitment_key = self.random.randbytes(evidence.KEY_SIZE)
        self.evidence = evidence.compose(
            [
                self.owner.sign(evidence.commitment_statement(self.commitment_key, "model", root)),
                self.owner.sign(signing.statement("model", self.published)),
                self.owner.sign(
                    dsse.statement([("model", root)], "urn:example:leakage", {"band": "low"})
                ),
            ]
        )
        self.sealed_evidence = self.seal(self.evidence, self.keys.evidence)

    def announce(self, **changes: object) -> None:
        """Log the publication, between two other events."""
        event = Event(
            kind=trust.PUBLISH,
            at=NOW - timedelta(days=2),
            actor=self.owner.id,
            device=self.owner.device.id,
            release=self.published_ref,
            details={"manifest": self.manifest_digest},
        )
        other = event.model_copy(update={"kind": "enrol", "release": None, "details": {}})
        self.log.append(other)
        self.entry = self.log.append(event.model_copy(update=changes))
        self.log.append(other)
        self.receipt = self.log.receipt(self.entry)

    def approve(self) -> None:
        """Grant the recipient the right, sealed to their device or to the evaluator's."""
        holder = self.evaluator if self.hosted else self.recipient
        keys, self.found = self.keys, list(self.published)
        if self.marked:
            weights = age.X25519Identity.generate(self.random.randbytes)
            keys = envelope.ReleaseKeys(weights, self.keys.evidence)
            self.copy(weights)
        self.opened = envelope.compose(
            keys,
            release_ref=self.published_ref,
            manifest=self.manifest_digest,
            grant="grant-1",
            device=holder.device.id,
        )
        self.envelope = Envelope(
            id="envelope-1",
            release=self.published_ref,
            manifest=self.manifest_digest,
            person=holder.id,
            device=holder.device.id,
            grant="grant-1",
            sealed=b64encode(self.seal(self.opened, holder.secret.sealing)),
        )
        grant = Grant(
            id="grant-1",
            request="request-1",
            release=self.published_ref,
            manifest=self.manifest_digest,
            person=self.recipient.id,
            device=self.recipient.device.id,
            right=self.right,
            not_before=self.not_before,
            not_after=self.not_after,
            state=GrantState.active,
            envelope=self.envelope.id,
            envelope_digest=digest(b64decode(self.envelope.sealed)),
            copy_manifest=digest(self.copy_manifest) if self.marked else None,
            statement="",
        )
        statement = self.granter.sign(acts.act("grant", [], acts.signed_body(grant)))
        self.grant: Grant | None = grant.evolve(statement=statement)

    def copy(self, weights: age.Identity) -> None:
        """Change one file for the grant, and sign and seal the copy with ``weights``."""
        contents = self.contents | {MARKED: bytes(reversed(self.contents[MARKED]))}
        self.found = resources(contents)
        self.said = copied.Said(
            release=self.published_ref,
            manifest=self.manifest_digest,
            grant="grant-1",
            person=self.recipient.id,
            root=signing.root_digest(self.found),
            marked=(copied.MarkedPart(name=MARKED, tensors=1, weights=1024, strength=0.01),),
        )
        self.copy_signature = self.granter.sign(signing.statement("model", self.found))
        act = acts.act(copied.KIND, [], self.said.model_dump(mode="json"))
        self.copy_statement = copied.compose(self.granter.sign(act), self.copy_signature)
        self.sealed_copy = self.seal(self.copy_statement, weights)
        self.copy_manifest = layout.Manifest(
            layout.Descriptor.of(layout.LISTING, self.listing),
            layout.Descriptor.of(layout.EVIDENCE, self.sealed_copy),
            tuple(
                layout.Descriptor.of(layout.FILE, self.seal(data, weights))
                for _, data in sorted(contents.items())
            ),
        ).to_bytes()

    def give(self, holder: Actor) -> None:
        """Seal the keys to an owner or custodian: an envelope without a grant."""
        self.opened = envelope.compose(
            self.keys,
            release_ref=self.published_ref,
            manifest=self.manifest_digest,
            grant=None,
            device=holder.device.id,
        )
        self.grant, self.found = None, list(self.published)
        self.device = holder.device.id
        self.envelope = self.envelope.evolve(
            person=holder.id,
            device=holder.device.id,
            grant=None,
            sealed=b64encode(self.seal(self.opened, holder.secret.sealing)),
        )

    def seal(self, data: bytes, identity: age.Identity) -> bytes:
        return age.encrypt_bytes(data, [identity.recipient], random=self.random.randbytes)

    def edit(self, **pieces: object) -> Simulator:
        """Replace what the recipient receives: the whole of most attacks."""
        for name, value in pieces.items():
            if not hasattr(self, name):
                raise AttributeError(name)
            setattr(self, name, value)
        return self

    def verify(self) -> trust.TrustedRelease:
        """Be the recipient: take every piece in order and return what was believed."""
        release = trust.TrustedRelease(self.ref, self.trusted_owner, self.now, logged=self.logged)
        release.manifest(self.manifest, self.manifest_digest)
        release.statement(self.statement)
        release.listing(self.listing)
        if self.logged:
            release.receipt(self.receipt, self.entry, self.log.verifier)
        release.grant(self.grant, self.envelope, self.device, self.signers, hosted=self.hosted)
        release.envelope(self.opened)
        release.evidence(self.evidence, self.sealed_evidence)
        if self.grant and self.grant.copy_manifest:
            release.copy(self.copy_manifest, self.sealed_copy, self.copy_statement)
        release.files(self.found)
        return release
